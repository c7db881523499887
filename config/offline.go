package config

import (
	"errors"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"coppice/internal/diag"
)

// withoutSecret reads an attribute that only misses a variable, of the environment or a sensitive one: nobody connects, or only to another cluster, so what
// is not set stays empty. It counts as secret all the same, so that the configuration means what it means where it is set.
func (d *decoder) withoutSecret(s *section, a *Attribute, expr hclsyntax.Expression, at diag.Range) bool {
	if !d.options.Offline && !d.elsewhere || !a.Kind.sensitive() || !d.waitsForEnvironment(expr) && !(d.elsewhere && d.emptySecret(expr)) {
		return false
	}
	v := value{data: "", at: at, sensitive: true}
	if a.Kind == KindSensitive {
		v.data = Secret{}
	}
	s.written[a.Name], s.values[a.Name] = at, v
	return true
}

// waitsForEnvironment reports whether nothing else is wrong with an expression than variables that are not set.
func (d *decoder) waitsForEnvironment(expr hclsyntax.Expression) bool {
	value, problems := expr.Value(d.scope.context(expr.Variables()))
	for _, p := range problems {
		if _, unset := errors.AsType[*unsetError](callError(p)); !unset {
			return false
		}
	}
	return len(problems) > 0 || value.ContainsMarked() && !value.IsWhollyKnown()
}

// emptySecret reports whether an expression is an empty secret: some set what they do not have to nothing.
func (d *decoder) emptySecret(expr hclsyntax.Expression) bool {
	value, problems := expr.Value(d.scope.context(expr.Variables()))
	if problems.HasErrors() || !value.IsMarked() {
		return false
	}
	plain, _ := value.Unmark()
	return plain.RawEquals(cty.StringVal(""))
}

// isElsewhere reports whether a block is about a cluster that will not be reached.
func (d *decoder) isElsewhere(block *hclsyntax.Block) bool {
	chosen := d.options.Cluster
	return chosen != "" && block.Type == "cluster" && len(block.Labels) == 1 && block.Labels[0] != chosen
}

// mayMiss reports whether a sensitive variable may be without a value, since nothing but other clusters' blocks uses it.
func (d *decoder) mayMiss(name string) bool {
	if d.options.Offline {
		return true
	}
	for _, file := range d.sources {
		for _, block := range file.body.Blocks {
			if block.Type != "variable" && !d.isElsewhere(block) && uses(block.Body, name) {
				return false
			}
		}
	}
	return d.options.Cluster != ""
}

// uses reports whether an expression of a body names the variable.
func uses(body *hclsyntax.Body, name string) bool {
	found := false
	see := func(node hclsyntax.Node) hcl.Diagnostics {
		if expr, ok := node.(*hclsyntax.ScopeTraversalExpr); ok && expr.Traversal.RootName() == "var" && nameIn(expr.Traversal) == name {
			found = true
		}
		return nil
	}
	_ = hclsyntax.VisitAll(body, see)
	return found
}
