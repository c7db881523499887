package config

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// mask blanks strings that were typed where secrets belong, so that a message that shows its source line shows none.
// Names of variables in env() stay readable. Columns stay as they are.
func (d *decoder) mask(a *Attribute, expr hclsyntax.Expression) {
	names := map[hclsyntax.Node]bool{}
	for _, call := range callsOf(expr) {
		if call.Name == "env" && len(call.Args) > 0 {
			names[call.Args[0]] = true
		}
	}
	_ = hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		text, ok := node.(*hclsyntax.TemplateExpr)
		if !ok || names[node] {
			return nil
		}
		for _, part := range text.Parts {
			if literal, ok := part.(*hclsyntax.LiteralValueExpr); ok && typedSecret(a, literal) {
				d.blanks = append(d.blanks, literal.SrcRange)
			}
		}
		return nil
	})
}

// typedSecret reports whether typed text is to be hidden: all of it where a secret is meant, and URLs with credentials.
func typedSecret(a *Attribute, literal *hclsyntax.LiteralValueExpr) bool {
	if a.Kind == KindSensitive {
		return true
	}
	return literal.Val.Type() == cty.String && strings.Contains(literal.Val.AsString(), "@")
}

// shownFiles are the sources with stars over what was blanked. It goes from the end of each file to its beginning,
// since a star can be shorter than the character it covers, and would move what comes after it.
func (d *decoder) shownFiles() map[string][]byte {
	slices.SortFunc(d.blanks, func(a, b hcl.Range) int { return cmp.Compare(b.Start.Byte, a.Start.Byte) })
	for _, at := range d.blanks {
		text := d.files[at.Filename]
		before, covered, behind := text[:at.Start.Byte], text[at.Start.Byte:at.End.Byte], text[at.End.Byte:]
		d.files[at.Filename] = slices.Concat(before, bytes.Map(star, covered), behind)
	}
	return d.files
}

func star(r rune) rune {
	if r == '\n' || r == '\r' {
		return r
	}
	return '*'
}
