package druid

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How Jackson turns one JSON value into a parameter of a rule, coercions included.

// textValue decodes a JSON string; ok is false for anything else.
func textValue(raw []byte) (text string, ok bool) {
	if raw[0] != '"' {
		return "", false
	}
	err := json.Unmarshal(raw, &text)
	return text, err == nil
}

// integer reports whether a JSON number has neither fraction nor exponent.
func integer(raw []byte) bool {
	return (raw[0] == '-' || isDigit(raw[0])) && !strings.ContainsAny(string(raw), ".eE")
}

// periodValue takes a text (a blank one is null), null, or an integer of milliseconds.
func periodValue(raw []byte) (*Period, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	if text, ok := textValue(raw); ok {
		if text = trimJava(text); text == "" {
			return nil, nil
		}
		p, err := parsePeriod(text)
		return &p, err
	}
	if !integer(raw) {
		return nil, errors.New("not a period")
	}
	millis, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return nil, errors.New("a number too large for a period")
	}
	p, err := periodOfMillis(millis)
	return &p, err
}

// intervalValue takes a text or null; an empty text is an error, unlike an empty period.
func intervalValue(raw []byte) (*Interval, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	text, ok := textValue(raw)
	if !ok {
		return nil, errors.New("not an interval")
	}
	i, err := ParseInterval(text)
	return &i, err
}

// boolValue takes true and false, the same as text in three spellings, integers (only 0 is false), and null or a blank
// text for the default.
func boolValue(raw []byte, fallback bool) (bool, error) {
	switch {
	case string(raw) == "null":
		return fallback, nil
	case integer(raw):
		return strings.Trim(string(raw), "-0") != "", nil
	case raw[0] != '"':
		return string(raw) == "true", onlyBool(raw)
	}
	text, _ := textValue(raw)
	switch trimJava(text) {
	case "", "null":
		return fallback, nil
	case "true", "TRUE", "True":
		return true, nil
	case "false", "FALSE", "False":
		return false, nil
	}
	return false, errors.New("not true or false")
}

func onlyBool(raw []byte) error {
	if s := string(raw); s != "true" && s != "false" {
		return errors.New("not true or false")
	}
	return nil
}

// noCount marks a null number of copies, which is an error like a negative one once the rule is built.
const noCount = -1

// replicantsValue takes an object of tier to number, or null. Of a tier written twice the last number counts.
func replicantsValue(raw []byte) (Replicants, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	if raw[0] != '{' {
		return nil, errors.New("expected an object of tiers")
	}
	replicants := Replicants{}
	var failed error
	err := eachField(raw, func(key, value []byte) {
		count, err := countValue(value)
		failed = errors.Join(failed, err)
		replicants = replicants.with(string(key), count)
	})
	return replicants, errors.Join(err, failed)
}

func (l Replicants) with(tier string, count int32) Replicants {
	for i := range l {
		if l[i].Tier == tier {
			l[i].Count = count
			return l
		}
	}
	return append(l, TierReplicants{Tier: tier, Count: count})
}

// countValue takes a number (cut off towards zero), a text that is an integer, or null (noCount).
func countValue(raw []byte) (int32, error) {
	if string(raw) == "null" {
		return noCount, nil
	}
	if text, ok := textValue(raw); ok {
		return countText(trimJava(text))
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || n < math.MinInt32 || n > math.MaxInt32 {
		return 0, errors.New("not a number of copies")
	}
	return int32(n), nil
}

func countText(text string) (int32, error) {
	if text == "" || text == "null" {
		return noCount, nil
	}
	n, err := strconv.ParseInt(strings.Map(javaDigit, text), 10, 32)
	if err != nil {
		return 0, errors.New("not a number of copies")
	}
	return int32(n), nil
}

// javaDigit makes an ASCII digit of every decimal digit in the first plane of Unicode, as Integer.parseInt does.
func javaDigit(c rune) rune {
	if c < utf8.RuneSelf || !unicode.IsDigit(c) {
		return c
	}
	for _, digits := range unicode.Nd.R16 {
		if lo := rune(digits.Lo); c >= lo && c <= rune(digits.Hi) {
			return '0' + (c-lo)%10
		}
	}
	return c
}
