package config

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"coppice/internal/diag"
)

// Format lays a file out in HCL's canonical form: blanks within lines change, and nothing else does. A file that cannot
// be parsed is not formatted; the messages say why, and Files holds its source for showing lines.
func Format(name string, text []byte) ([]byte, diag.List) {
	d := newDecoder(Options{})
	if parsed, ok := d.parse(name, text); !ok || len(parsed.broken) > 0 || len(d.list) > 0 {
		d.list.Sort()
		return nil, d.list
	}
	if len(text) > 0 && !bytes.HasSuffix(text, []byte{'\n'}) {
		text = append(bytes.Clone(text), '\n')
	}
	formatted := hclwrite.Format(text)
	if !sameTokens(name, text, formatted) {
		return text, nil // the layout is not worth a doubt about the meaning
	}
	return formatted, nil
}

// sameTokens reports whether two texts are the same but for blanks.
func sameTokens(name string, a, b []byte) bool {
	one, _ := hclsyntax.LexConfig(a, name, hcl.InitialPos)
	other, _ := hclsyntax.LexConfig(b, name, hcl.InitialPos)
	if len(one) != len(other) || bytes.Count(a, []byte{'\n'}) != bytes.Count(b, []byte{'\n'}) {
		return false
	}
	for n := range one {
		if one[n].Type != other[n].Type || !bytes.Equal(one[n].Bytes, other[n].Bytes) {
			return false
		}
	}
	return true
}
