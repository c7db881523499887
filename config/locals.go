package config

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"coppice/internal/diag"
)

// local is one named expression.
type local struct {
	name string
	expr hclsyntax.Expression
	at   diag.Range
	// begun and settled: it is being evaluated, and it has been.
	begun, settled bool
	// value is unknown when there is none, which has been reported.
	value cty.Value
}

// locals evaluates locals in the order in which they need each other.
type locals struct {
	*decoder
	byName map[string]*local
	// path are the locals that are being evaluated, each of which needs the next.
	path []*local
}

// settleLocals gives all locals their values.
func (d *decoder) settleLocals(sections []*section) map[string]cty.Value {
	l := &locals{decoder: d, byName: map[string]*local{}}
	var inOrder []*local
	for _, s := range sections {
		for _, name := range sortedKeys(s.values) {
			if one := (&local{name: name, expr: s.values[name].data.(hclsyntax.Expression), at: s.values[name].at}); l.declare(one) {
				inOrder = append(inOrder, one)
			}
		}
	}
	values := map[string]cty.Value{}
	for _, one := range inOrder {
		values[one.name] = l.settle(one)
	}
	return values
}

func (l *locals) declare(one *local) bool {
	earlier, repeated := l.byName[one.name]
	if !repeated {
		l.byName[one.name] = one
		return true
	}
	l.add(diag.Diagnostic{
		Code: "duplicate-local", Range: one.at, Summary: "Second local of one name",
		Detail: fmt.Sprintf("local.%s has its value at %s already. Only one of them could count.", one.name, place(earlier.at)),
		Hint:   "Remove one of the two, or give it another name.",
	})
	return false
}

// settle evaluates a local after those that it needs.
func (l *locals) settle(one *local) cty.Value {
	if one.settled {
		return one.value
	}
	if one.begun {
		l.cycle(one)
		return cty.DynamicVal
	}
	one.begun = true
	l.path = append(l.path, one)
	needed := &scope{functions: l.functions, variables: l.scope.variables, locals: map[string]cty.Value{}}
	for _, t := range one.expr.Variables() {
		if other := l.byName[nameIn(t)]; other != nil && t.RootName() == "local" {
			needed.locals[other.name] = l.settle(other)
		}
	}
	l.path = l.path[:len(l.path)-1]
	one.value, one.settled = l.valueOf(one, needed), true
	return one.value
}

func (l *locals) valueOf(one *local, needed *scope) cty.Value {
	for _, t := range one.expr.Variables() {
		if name := nameIn(t); t.RootName() == "local" && name != "" && l.byName[name] == nil && !l.damaged {
			needed.locals = l.placeholders() // so that the message knows all names
			break
		}
	}
	if value, ok := l.evaluateIn(needed, one.expr); ok {
		return value
	}
	return cty.DynamicVal
}

// placeholders are all names of locals, without their values.
func (l *locals) placeholders() map[string]cty.Value {
	names := map[string]cty.Value{}
	for name := range l.byName {
		names[name] = cty.DynamicVal
	}
	return names
}

// cycle reports locals that need each other, with all their places.
func (l *locals) cycle(again *local) {
	var steps []string
	from := 0
	for n, one := range l.path {
		if one == again {
			from = n
		}
	}
	for _, one := range l.path[from:] {
		steps = append(steps, fmt.Sprintf("local.%s (%s)", one.name, place(one.at)))
	}
	steps = append(steps, "local."+again.name+" again")
	detail := strings.Join(steps, ", which needs ")
	if len(steps) == 2 {
		detail = steps[0] + " needs itself"
	} else {
		detail = strings.Replace(detail, ", which needs ", " needs ", 1)
	}
	l.add(diag.Diagnostic{
		Code: "local-cycle", Range: again.at, Summary: "Locals need each other", Detail: detail + ".",
		Hint: "Write one of them out without the others.",
	})
}
