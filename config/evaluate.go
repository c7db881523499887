package config

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"coppice/internal/diag"
)

// evaluate gives the value of an expression; ok is false when it has none, which has been reported.
func (d *decoder) evaluate(expr hclsyntax.Expression) (cty.Value, bool) {
	return d.evaluateIn(d.scope, expr)
}

// evaluateIn is evaluate where other names are known.
func (d *decoder) evaluateIn(s *scope, expr hclsyntax.Expression) (cty.Value, bool) {
	before, known := len(d.list), true
	names := expr.Variables()
	for _, name := range names {
		known = d.checkName(s, name) && known
	}
	calls := callsOf(expr)
	d.unknownFunctions(calls)
	d.repeatedKeys(expr)
	if len(d.list) > before || !known {
		return cty.NilVal, false
	}
	value, problems := expr.Value(s.context(names))
	for _, p := range problems {
		d.add(evaluationError(p, d.secret || readsEnv(calls) || s.reachesSecret(names)))
	}
	// The parser leaves unknown values where it could not read an expression, and has said so. So does a variable or a
	// local whose own mistake was reported.
	return value, !problems.HasErrors() && value.IsWhollyKnown()
}

func callsOf(expr hclsyntax.Expression) []*hclsyntax.FunctionCallExpr {
	var calls []*hclsyntax.FunctionCallExpr
	_ = hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		if call, ok := node.(*hclsyntax.FunctionCallExpr); ok {
			calls = append(calls, call)
		}
		return nil
	})
	return calls
}

func readsEnv(calls []*hclsyntax.FunctionCallExpr) bool {
	return slices.ContainsFunc(calls, func(c *hclsyntax.FunctionCallExpr) bool { return c.Name == "env" })
}

func (d *decoder) unknownFunctions(calls []*hclsyntax.FunctionCallExpr) {
	for _, call := range calls {
		if _, known := d.functions[call.Name]; known {
			continue
		}
		p := diag.Diagnostic{
			Code: "unknown-function", Range: rangeOf(call.NameRange), Summary: "Unknown function " + quote(call.Name),
			Detail: "The functions are " + list(Functions()) + "." + didYouMean(call.Name, Functions()),
			Hint:   "Write the value out.",
		}
		if near := diag.Nearest(call.Name, Functions()); near != "" {
			p.Hint = near + "(…)"
		}
		d.add(p)
	}
}

// repeatedKeys looks for keys that an object sets twice: HCL would silently take the last one.
func (d *decoder) repeatedKeys(expr hclsyntax.Expression) {
	_ = hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		if object, ok := node.(*hclsyntax.ObjectConsExpr); ok {
			d.repeatedKeysOf(object)
		}
		return nil
	})
}

func (d *decoder) repeatedKeysOf(object *hclsyntax.ObjectConsExpr) {
	first := map[string]diag.Range{}
	for _, item := range object.Items {
		key, known := literalKey(item.KeyExpr)
		if !known {
			continue
		}
		at := rangeOf(item.KeyExpr.Range())
		if earlier, repeated := first[key]; repeated {
			d.add(diag.Diagnostic{
				Code: "duplicate-key", Range: at, Summary: "Key is set twice in one map",
				Detail: fmt.Sprintf("%s was set at %s already; only one of the two could count.", quote(key), place(earlier)),
				Hint:   "Remove one of the two.",
			})
			continue
		}
		first[key] = at
	}
}

// literalKey is the key when it is written as a word or a plain string.
func literalKey(expr hclsyntax.Expression) (string, bool) {
	if word := hcl.ExprAsKeyword(expr); word != "" {
		return word, true
	}
	value, problems := expr.Value(nil)
	if problems.HasErrors() || value.IsNull() || !value.IsKnown() || value.Type() != cty.String {
		return "", false
	}
	return value.AsString(), true
}

// evaluationError words what HCL found. Its details can quote values, so they are left out where a secret takes part.
func evaluationError(p *hcl.Diagnostic, secret bool) diag.Diagnostic {
	out := diag.Diagnostic{
		Code: "bad-expression", Range: rangeOf(*p.Subject), Summary: shortSummary(p.Summary), Detail: p.Detail,
		Hint: "Write the value out to see whether the expression is the reason.",
	}
	err := callError(p)
	if unset, ok := errors.AsType[*unsetError](err); ok {
		out.Code, out.Summary = "env-unset", "Environment variable is not set"
		out.Detail = unset.name + " is read here and is not in the environment."
		out.Hint = fmt.Sprintf("export %s=…, or give a default: env(%s, \"\")", unset.name, quote(unset.name))
		return out
	}
	_, broke := errors.AsType[function.PanicError](err)
	if secret || broke {
		out.Detail = "The expression cannot be evaluated. Details are left out, since they could quote a sensitive value."
	}
	return out
}

// callError is the error of the function whose call failed, or nil.
func callError(p *hcl.Diagnostic) error {
	if extra, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](p); ok {
		return extra.FunctionCallError()
	}
	return nil
}
