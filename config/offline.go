package config

import (
	"errors"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"coppice/internal/diag"
)

// withoutSecret reads an attribute that only misses a variable, of the environment or a sensitive one: nobody connects, so what is not
// set stays empty. It counts as secret all the same, so that the configuration means what it means where it is set.
func (d *decoder) withoutSecret(s *section, a *Attribute, expr hclsyntax.Expression, at diag.Range) bool {
	if !d.options.Offline || !a.Kind.sensitive() || !d.waitsForEnvironment(expr) {
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
