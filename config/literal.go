package config

import (
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// Literal is a text as it is written in a file: in quotes, with nothing in it that HCL would read as something else.
func Literal(text string) string { return string(hclwrite.TokensForValue(cty.StringVal(text)).Bytes()) }
