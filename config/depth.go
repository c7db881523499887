package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"coppice/internal/diag"
)

// maxDepth bounds how deeply expressions nest. The parser and the evaluation recurse once a level, and a stack that
// overflows ends a Go program without a message.
const maxDepth = 200

// tooDeep looks for the first token that nests too deeply, before anything recursive reads the file.
func tooDeep(name string, text []byte) (diag.Range, bool) {
	if shallow(text) {
		return diag.Range{}, false
	}
	return deepToken(name, text)
}

func deepToken(name string, text []byte) (diag.Range, bool) {
	tokens, _ := hclsyntax.LexConfig(text, name, hcl.InitialPos)
	open, chained := 0, 0
	for _, token := range tokens {
		switch {
		case opens(token.Type):
			open++
		case closes(token.Type):
			open = max(open-1, 0)
		case token.Type == hclsyntax.TokenEqual || token.Type == hclsyntax.TokenComma:
			chained = 0
		}
		if chains(token.Type) {
			chained++
		}
		if open > maxDepth || chained > maxDepth {
			return rangeOf(token.Range), true
		}
	}
	return diag.Range{}, false
}

func opens(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenOBrace, hclsyntax.TokenTemplateInterp,
		hclsyntax.TokenTemplateControl, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
		return true
	}
	return false
}

func closes(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenCBrace, hclsyntax.TokenTemplateSeqEnd,
		hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
		return true
	}
	return false
}

// chains reports whether the token can nest an expression without closing a bracket: !!a, a + b + c, a ? b : c ? d : e,
// a[0][0], %{if a}%{if b}.
func chains(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenBang, hclsyntax.TokenPlus, hclsyntax.TokenMinus, hclsyntax.TokenStar, hclsyntax.TokenSlash,
		hclsyntax.TokenPercent, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenEqualOp,
		hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThan,
		hclsyntax.TokenGreaterThanEq, hclsyntax.TokenQuestion, hclsyntax.TokenOBrack, hclsyntax.TokenTemplateControl:
		return true
	}
	return false
}
