package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"coppice/internal/diag"
)

// scope is what expressions may name: functions, variables and locals.
type scope struct {
	functions map[string]function.Function
	// variables and locals by name; nil = none may be used here.
	variables, locals map[string]cty.Value
	// closed says why names may not be used; it is said where variables or locals are nil.
	closed string
	// whole is the context with all names, made when it is needed.
	whole *hcl.EvalContext
}

// context is for evaluating an expression with these names.
func (s *scope) context(names []hcl.Traversal) *hcl.EvalContext {
	if len(names) == 0 {
		return &hcl.EvalContext{Functions: s.functions}
	}
	if s.whole == nil {
		s.whole = &hcl.EvalContext{Functions: s.functions, Variables: map[string]cty.Value{
			"var": objectOf(s.variables), "local": objectOf(s.locals),
		}}
	}
	return s.whole
}

func objectOf(values map[string]cty.Value) cty.Value {
	if len(values) == 0 {
		return cty.EmptyObjectVal
	}
	return cty.ObjectVal(values)
}

// reachesSecret reports whether one of the names stands for something that is not to be shown.
func (s *scope) reachesSecret(names []hcl.Traversal) bool {
	for _, t := range names {
		of := s.variables
		if t.RootName() == "local" {
			of = s.locals
		}
		if value, known := of[nameIn(t)]; known && value.ContainsMarked() {
			return true
		}
	}
	return false
}

// nameIn is NAME of var.NAME or local.NAME; empty when nothing of that form follows.
func nameIn(t hcl.Traversal) string {
	if len(t) < 2 {
		return ""
	}
	if step, ok := t[1].(hcl.TraverseAttr); ok {
		return step.Name
	}
	return ""
}

// checkName explains a name that stands for nothing here: most likely quotes were forgotten, or a letter is wrong. It
// reports whether the name is known.
func (d *decoder) checkName(s *scope, t hcl.Traversal) bool {
	root, name := t.RootName(), nameIn(t)
	known, kind := s.variables, "variable"
	switch root {
	case "var":
	case "local":
		known, kind = s.locals, "local"
	default:
		d.bareWord(t)
		return false
	}
	p := diag.Diagnostic{Code: "unknown-variable", Range: rangeOf(t.SourceRange()), Summary: "Unknown name " + quote(root+"."+name)}
	_, there := known[name]
	switch {
	case known == nil:
		p.Summary, p.Detail, p.Hint = fmt.Sprintf("No %s can be used here", kind), s.closed, "Write the value out."
	case name == "":
		p.Summary, p.Detail, p.Hint = fmt.Sprintf("%s has no name behind it", root), "It stands for all of them; one is meant.", root+".NAME"
	case there:
		return true
	case d.damaged: // it may stand where the syntax error is
		return false
	default:
		p.Detail, p.Hint = undeclared(root, kind, name, sortedKeys(known))
	}
	d.add(p)
	return false
}

func undeclared(root, kind, name string, known []string) (detail, hint string) {
	hint = fmt.Sprintf("variable %q {\n}", name)
	if kind == "local" {
		hint = fmt.Sprintf("locals {\n  %s = \"…\"\n}", name)
	}
	if len(known) == 0 {
		return fmt.Sprintf("The configuration declares no %s.", kind), hint
	}
	if near := diag.Nearest(name, known); near != "" {
		hint = root + "." + near
	}
	return fmt.Sprintf("The configuration declares the %ss %s.%s", kind, list(known), didYouMean(name, known)), hint
}

func (d *decoder) bareWord(t hcl.Traversal) {
	name := t.RootName()
	meant := name
	if last, ok := t[len(t)-1].(hcl.TraverseAttr); ok && name == "policy" { // policy.web, as other languages of HCL write it
		meant = last.Name
	}
	d.add(diag.Diagnostic{
		Code: "unknown-variable", Range: rangeOf(t.SourceRange()), Summary: "Unknown name " + quote(name),
		Detail: "Text stands in quotes. Variables are written var.NAME, locals local.NAME.",
		Hint:   quote(meant),
	})
}
