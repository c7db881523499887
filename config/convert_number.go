package config

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// wholeNumber is the value as an int64, when it is a whole number of that size.
func wholeNumber(v cty.Value) (int64, bool) {
	if v.IsNull() || v.Type() != cty.Number {
		return 0, false
	}
	n, accuracy := v.AsBigFloat().Int64()
	return n, accuracy == big.Exact
}

func wholeValue(a *Attribute, v cty.Value) (any, *complaint) {
	if v.Type() != cty.Number {
		return nil, wrongType(a, v)
	}
	n, whole := wholeNumber(v)
	if !whole || n < a.Min || n > a.Max {
		return nil, outOfRange(a, v, "whole number", fmt.Sprint(a.Min), limit(a.Max))
	}
	return n, nil
}

func limit(n int64) string {
	if n == math.MaxInt64 {
		return ""
	}
	return fmt.Sprint(n)
}

func percentValue(a *Attribute, v cty.Value) (any, *complaint) {
	if v.Type() != cty.Number {
		return nil, wrongType(a, v)
	}
	n, _ := v.AsBigFloat().Float64()
	if n < 0 || n > 100 {
		return nil, outOfRange(a, v, "number", "0", "100")
	}
	return n, nil
}

func outOfRange(a *Attribute, v cty.Value, what, from, to string) *complaint {
	wanted := what + " from " + from
	if to != "" {
		wanted += " to " + to
	}
	return &complaint{code: "bad-number", summary: a.Name + " is out of range",
		detail: "Found " + describe(a, v) + "; expected a " + wanted + "."}
}

// sizes are the units, in bytes.
var sizes = map[string]int64{
	"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
}

var sizeForm = regexp.MustCompile(`^([0-9]{1,15}(?:\.[0-9]{1,15})?) ?([A-Za-z]*)$`)

func sizeValue(a *Attribute, v cty.Value) (any, *complaint) {
	text, wrong := textOf(a, v)
	if wrong != nil {
		return nil, wrong
	}
	parts := sizeForm.FindStringSubmatch(text)
	if parts == nil {
		return nil, badSize(a, text, "")
	}
	unit, known := sizes[parts[2]]
	if !known {
		return nil, badSize(a, text, sizeGuess(a, parts[1], parts[2]))
	}
	count, _ := new(big.Rat).SetString(parts[1])
	bytes := count.Mul(count, new(big.Rat).SetInt64(unit))
	if !bytes.IsInt() || !bytes.Num().IsInt64() {
		return nil, badSize(a, text, "")
	}
	return bytes.Num().Int64(), nil
}

func sizeGuess(a *Attribute, count, unit string) string {
	if unit == "" {
		unit = "B"
	}
	for _, known := range []string{"KiB", "MiB", "GiB", "TiB", "KB", "MB", "GB", "TB"} {
		if strings.EqualFold(unit, known) || strings.EqualFold(unit, known[:1]) || strings.EqualFold(unit, strings.TrimSuffix(known, "B")) {
			return fmt.Sprintf("%s = %q", a.Name, count+known)
		}
	}
	return ""
}

func badSize(a *Attribute, text, hint string) *complaint {
	return &complaint{code: "bad-size", summary: a.Name + " is not a size", hint: hint,
		detail: "Found " + quote(text) + "; expected a whole number of bytes with its unit: KB, MB, GB, TB (1000) or KiB, MiB, GiB, TiB (1024)."}
}
