package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"coppice/internal/diag"
)

// section is one block as it was written, read by its schema: every name known, every value of its kind.
type section struct {
	schema *Block
	labels []string
	// labelRanges are the places of labels.
	labelRanges []diag.Range
	// origin is the block's header.
	origin diag.Range
	// written are the places of all known attributes, those with unusable values included.
	written map[string]diag.Range
	values  map[string]value
	// sections are the inner blocks in the order written.
	sections []*section
	// damaged: a syntax error lies inside, so what is absent may have been written.
	damaged bool
}

// value is an attribute's value, of the Go type of its kind.
type value struct {
	data any
	at   diag.Range
	// items are the places of the items of a list; nil when they have none of their own.
	items     []diag.Range
	sensitive bool
}

// all returns the inner blocks of that name, in the order written.
func (s *section) all(name string) []*section {
	var found []*section
	for _, inner := range s.sections {
		if inner.schema.Name == name {
			found = append(found, inner)
		}
	}
	return found
}

// one returns the first inner block of that name, or nil. A nil section has none.
func (s *section) one(name string) *section {
	if s == nil {
		return nil
	}
	if found := s.all(name); len(found) > 0 {
		return found[0]
	}
	return nil
}

func (s *section) has(name string) bool {
	_, ok := s.written[name]
	return ok
}

// itemRange is the place of an item (0-based) of a list, or that of the whole list when its items have none.
func (s *section) itemRange(name string, item int) diag.Range {
	v := s.values[name]
	if item < len(v.items) {
		return v.items[item]
	}
	return v.at
}

// read reads a body by its schema and reports all that does not fit.
func (d *decoder) read(schema *Block, body *hclsyntax.Body, s *section) {
	s.schema, s.written, s.values = schema, map[string]diag.Range{}, map[string]value{}
	for _, attr := range attributesInOrder(body.Attributes) {
		d.readAttribute(s, attr)
	}
	for _, block := range body.Blocks {
		d.readBlock(s, block)
	}
	d.requireAttributes(s)
	d.refuseRepeats(s)
}

// attributesInOrder sorts them by their place: the parser keeps them in a map.
func attributesInOrder(attributes hclsyntax.Attributes) []*hclsyntax.Attribute {
	return slices.SortedFunc(maps.Values(attributes), func(a, b *hclsyntax.Attribute) int {
		return cmp.Compare(a.SrcRange.Start.Byte, b.SrcRange.Start.Byte)
	})
}

func (d *decoder) readAttribute(s *section, attr *hclsyntax.Attribute) {
	schema := cmp.Or(s.schema.attribute(attr.Name), s.schema.Open)
	if schema == nil {
		d.unknownAttribute(s.schema, attr)
		return
	}
	if schema.Kind.sensitive() {
		d.mask(schema, attr.Expr)
	}
	at := rangeOf(attr.Expr.Range())
	if schema.Kind.deferred() {
		s.written[attr.Name], s.values[attr.Name] = at, value{data: attr.Expr, at: at}
		return
	}
	if d.withoutSecret(s, schema, attr.Expr, at) {
		return
	}
	got, ok := d.evaluate(attr.Expr)
	if ok && got.IsNull() {
		return // as if it were not written
	}
	s.written[attr.Name] = at
	if !ok {
		return
	}
	if v, ok := d.convert(schema, attr.Expr, got); ok {
		v.at = at
		s.values[attr.Name] = v
	}
}

func (d *decoder) readBlock(s *section, block *hclsyntax.Block) {
	schema := s.schema.block(block.Type)
	if schema == nil {
		d.unknownBlock(s.schema, block)
		return
	}
	inner := &section{labels: block.Labels, origin: rangeOf(block.DefRange()), damaged: d.damagedAt(block)}
	for _, r := range block.LabelRanges {
		inner.labelRanges = append(inner.labelRanges, rangeOf(r))
	}
	labelled := d.checkLabels(schema, block)
	outer := d.elsewhere
	d.elsewhere = outer || d.isElsewhere(block)
	d.read(schema, block.Body, inner)
	d.elsewhere = outer
	if labelled {
		s.sections = append(s.sections, inner)
	}
}

// damagedAt reports whether a syntax error lies inside the block.
func (d *decoder) damagedAt(block *hclsyntax.Block) bool {
	from, to := rangeOf(block.TypeRange), rangeOf(block.CloseBraceRange)
	return slices.ContainsFunc(d.broken, func(r diag.Range) bool {
		return r.File == from.File && r.Compare(from) >= 0 && (r.Line <= to.EndLine || to.EndLine <= from.Line)
	})
}

func (d *decoder) checkLabels(schema *Block, block *hclsyntax.Block) bool {
	if len(block.Labels) > len(schema.Labels) {
		d.add(diag.Diagnostic{
			Code: "extra-label", Range: rangeOf(block.LabelRanges[len(schema.Labels)]),
			Summary: fmt.Sprintf("%s block has too many labels", schema.Name),
			Detail:  fmt.Sprintf("Between %s and the brace %s.", schema.Name, labelCount(schema)),
			Hint:    header(schema),
		})
		return false
	}
	if len(block.Labels) < len(schema.Labels) {
		d.add(diag.Diagnostic{
			Code: "missing-label", Range: rangeOf(block.TypeRange),
			Summary: fmt.Sprintf("%s block has no %s", schema.Name, schema.Labels[len(block.Labels)]),
			Detail:  fmt.Sprintf("Between %s and the brace %s.", schema.Name, labelCount(schema)),
			Hint:    header(schema),
		})
		return false
	}
	return true
}

func labelCount(schema *Block) string {
	if len(schema.Labels) == 0 {
		return "stands nothing"
	}
	return "stands its " + list(schema.Labels) + " in quotes"
}

// header is how a block begins and ends, ready to be pasted.
func header(schema *Block) string {
	words := []string{schema.Name}
	for range schema.Labels {
		words = append(words, `"…"`)
	}
	return strings.Join(words, " ") + " {\n}"
}

func (d *decoder) requireAttributes(s *section) {
	if s.damaged {
		return
	}
	for _, a := range s.schema.Attributes {
		if !a.Required || a.Inherited || s.has(a.Name) {
			continue
		}
		d.missing(s, &a)
	}
}

func (d *decoder) missing(s *section, a *Attribute) {
	d.add(diag.Diagnostic{
		Code: "missing-attribute", Range: s.origin,
		Summary: fmt.Sprintf("%s has no %s", s.schema.Name, a.Name),
		Detail:  fmt.Sprintf("Required is %s, %s: %s.", a.Name, article(a.Kind.String()), a.Meaning),
		Hint:    pasted(a),
	})
}

func pasted(a *Attribute) string { return a.Name + " = " + a.Example }

// refuseRepeats reports blocks that may stand once and stand twice; the first one counts from here on.
func (d *decoder) refuseRepeats(s *section) {
	first := map[string]*section{}
	s.sections = slices.DeleteFunc(s.sections, func(inner *section) bool {
		earlier := first[inner.schema.Name]
		if inner.schema.Many || earlier == nil {
			first[inner.schema.Name] = inner
			return false
		}
		d.add(diag.Diagnostic{
			Code: "duplicate-block", Range: inner.origin,
			Summary: fmt.Sprintf("Second %s block", inner.schema.Name),
			Detail: fmt.Sprintf("It stands at %s already, and here again at %s; there is room for one.",
				place(earlier.origin), place(inner.origin)),
			Hint: fmt.Sprintf("Move what is new into the block at %s.", place(earlier.origin)),
		})
		return true
	})
}
