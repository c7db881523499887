package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"coppice/internal/diag"
)

func (d *decoder) unknownAttribute(schema *Block, attr *hclsyntax.Attribute) {
	p := diag.Diagnostic{Code: "unknown-attribute", Range: rangeOf(attr.NameRange)}
	p.Summary = fmt.Sprintf("Unknown attribute %s in %s", attr.Name, schema.title())
	attributes, blocks := schema.names()
	refused := schema.refusal(attr.Name)
	switch {
	case refused != nil:
		p.Detail, p.Hint = refused.Why, refused.hint()
	case slices.Contains(blocks, attr.Name):
		p.Detail = attr.Name + " is a block: it takes no equals sign."
		p.Hint = header(schema.block(attr.Name))
	default:
		p.Detail, p.Hint = d.expected(schema, attr.Name, attributes, blocks)
	}
	if schema.Name == "" {
		p.Detail += " A file with values of variables is named with --var-file, and its own name does not end in .hcl."
	}
	d.add(p)
}

func (d *decoder) unknownBlock(schema *Block, block *hclsyntax.Block) {
	p := diag.Diagnostic{Code: "unknown-block", Range: rangeOf(block.TypeRange)}
	p.Summary = fmt.Sprintf("Unknown block %s in %s", block.Type, schema.title())
	attributes, blocks := schema.names()
	refused, asAttribute := schema.refusal(block.Type), schema.attribute(block.Type)
	switch {
	case refused != nil:
		p.Detail, p.Hint = refused.Why, refused.hint()
	case asAttribute != nil:
		p.Detail = block.Type + " is an attribute: it takes an equals sign."
		p.Hint = pasted(asAttribute)
	default:
		p.Detail, p.Hint = d.expected(schema, block.Type, attributes, blocks)
	}
	d.add(p)
}

// title names the block in a sentence; the root is the file.
func (b *Block) title() string {
	if b.Name == "" {
		return "a file"
	}
	return b.Name
}

// expected says what the block takes, which name is near, and where else the name belongs.
func (d *decoder) expected(schema *Block, name string, attributes, blocks []string) (detail, hint string) {
	detail = takes(schema, attributes, blocks)
	if near := diag.Nearest(name, append(slices.Clone(attributes), blocks...)); near != "" {
		hint = near
		if a := schema.attribute(near); a != nil {
			hint = pasted(a)
		} else {
			hint = header(schema.block(near))
		}
		return detail + " Did you mean " + near + "?", hint
	}
	if homes := homes(d.language, name); len(homes) > 0 {
		return detail + fmt.Sprintf(" %s belongs in %s.", name, list(homes)), "Move it there."
	}
	return detail, "Remove it."
}

func takes(schema *Block, attributes, blocks []string) string {
	text := schema.title() + " takes "
	if schema.Name == "" {
		text = "A file takes "
	}
	if len(attributes) > 0 {
		text += list(attributes)
	}
	if schema.Open != nil {
		text += "attributes of any name"
	}
	if len(blocks) > 0 {
		if len(attributes) > 0 {
			text += ", and "
		}
		text += "the blocks "
		if len(blocks) == 1 {
			text = strings.TrimSuffix(text, "blocks ") + "block "
		}
		text += list(blocks)
	}
	return text + "."
}
