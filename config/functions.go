package config

import (
	"errors"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// mark is carried by a value through every expression that uses it.
type mark string

// sensitive marks what came out of env().
const sensitive mark = "sensitive"

// unsetError says that env() was asked for a variable that is not set.
type unsetError struct{ name string }

func (e *unsetError) Error() string { return "environment variable " + e.name + " is not set" }

// evaluation is what expressions may use: functions, and no variables.
func evaluation(lookup func(string) (string, bool)) *hcl.EvalContext {
	return &hcl.EvalContext{Functions: map[string]function.Function{
		"env":        envFunction(lookup),
		"jsonencode": stdlib.JSONEncodeFunc,
		"jsondecode": stdlib.JSONDecodeFunc,

		"format":    stdlib.FormatFunc,
		"join":      stdlib.JoinFunc,
		"lower":     stdlib.LowerFunc,
		"replace":   stdlib.ReplaceFunc,
		"split":     stdlib.SplitFunc,
		"trimspace": stdlib.TrimSpaceFunc,
		"upper":     stdlib.UpperFunc,

		"concat":   stdlib.ConcatFunc,
		"distinct": stdlib.DistinctFunc,
		"flatten":  stdlib.FlattenFunc,
		"keys":     stdlib.KeysFunc,
		"length":   stdlib.LengthFunc,
		"merge":    stdlib.MergeFunc,
		"tolist":   stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
		"toset":    stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
		"values":   stdlib.ValuesFunc,

		"tonumber": stdlib.MakeToFunc(cty.Number),
		"tostring": stdlib.MakeToFunc(cty.String),
	}}
}

// Functions lists what expressions may call, for the documentation and for suggestions.
func Functions() []string { return sortedKeys(evaluation(nil).Functions) }

// envFunction is env("NAME") and env("NAME", "default"). A default is as sensitive as the value it stands for.
func envFunction(lookup func(string) (string, bool)) function.Function {
	return function.New(&function.Spec{
		// The name is taken with its marks, so that a sensitive one can be refused: an unset one would be shown.
		Params:   []function.Parameter{{Name: "name", Type: cty.String, AllowMarked: true}},
		VarParam: &function.Parameter{Name: "default", Type: cty.String},
		Type:     function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if len(args) > 2 {
				return cty.NilVal, errors.New("env takes a name and at most one default")
			}
			if args[0].IsMarked() {
				return cty.NilVal, errors.New("the name of a variable cannot come from another one")
			}
			name := args[0].AsString()
			if lookup != nil {
				if value, ok := lookup(name); ok {
					return cty.StringVal(value).Mark(sensitive), nil
				}
			}
			if len(args) == 2 {
				return args[1].Mark(sensitive), nil
			}
			return cty.NilVal, &unsetError{name}
		},
	})
}
