package config

import (
	"errors"
	"sort"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// mark is carried by a value through every expression that uses it.
type mark string

// sensitive marks what came out of env() or a sensitive variable.
const sensitive mark = "sensitive"

// unsetError says that env() was asked for a variable that is not set.
type unsetError struct{ name string }

func (e *unsetError) Error() string { return "environment variable " + e.name + " is not set" }

// call is one function of the language: what is called, and how the documentation shows it.
type call struct {
	name string
	impl function.Function
	// meaning is a sentence without its full stop; example is an expression and result what it gives, in HCL.
	meaning, example, result string
}

// calls are the functions but env, in the order of the documentation. None of them reads a clock, a file or the network,
// and none draws lots: equal texts have equal meanings.
var calls = []call{
	{"jsonencode", stdlib.JSONEncodeFunc, "a value as JSON", `jsonencode({ a = [1, true] })`, `"{\"a\":[1,true]}"`},
	{"jsondecode", stdlib.JSONDecodeFunc, "the value of a JSON text", `jsondecode("[1,2]")`, `[1, 2]`},

	{"format", stdlib.FormatFunc, "a text with values put in, as printf does", `format("P%dD", 30)`, `"P30D"`},
	{"formatlist", stdlib.FormatListFunc, "the same for each item", `formatlist("%s_*", ["a", "b"])`, `tolist(["a_*", "b_*"])`},
	{"join", stdlib.JoinFunc, "texts put together", `join("-", ["a", "b"])`, `"a-b"`},
	{"lower", stdlib.LowerFunc, "small letters", `lower("HOT")`, `"hot"`},
	{"upper", stdlib.UpperFunc, "capital letters", `upper("hot")`, `"HOT"`},
	{"replace", stdlib.ReplaceFunc, "a text with every occurrence of another replaced", `replace("a.b.c", ".", "_")`, `"a_b_c"`},
	{"split", stdlib.SplitFunc, "a text cut apart", `split(",", "a,b")`, `tolist(["a", "b"])`},
	{"substr", stdlib.SubstrFunc, "a part of a text: from where (0 = the beginning), and how much", `substr("events", 0, 3)`, `"eve"`},
	{"trimspace", stdlib.TrimSpaceFunc, "a text without blanks around it", `trimspace(" a ")`, `"a"`},
	{"trimprefix", stdlib.TrimPrefixFunc, "a text without a beginning", `trimprefix("tmp_a", "tmp_")`, `"a"`},
	{"trimsuffix", stdlib.TrimSuffixFunc, "a text without an end", `trimsuffix("a_tmp", "_tmp")`, `"a"`},
	{"regex", stdlib.RegexFunc, "what an RE2 pattern matches; an error when it does not", `regex("[0-9]+", "P30D")`, `"30"`},

	{"coalesce", stdlib.CoalesceFunc, "the first value that is not null", `coalesce(null, "a")`, `"a"`},
	{"compact", stdlib.CompactFunc, "a list of texts without empty ones", `compact(["a", ""])`, `tolist(["a"])`},
	{"concat", stdlib.ConcatFunc, "lists behind one another", `concat(["a"], ["b"])`, `["a", "b"]`},
	{"contains", stdlib.ContainsFunc, "whether a list has an item", `contains(["hot", "cold"], "hot")`, `true`},
	{"distinct", stdlib.DistinctFunc, "a list without repeats", `distinct(["a", "a"])`, `tolist(["a"])`},
	{"element", stdlib.ElementFunc, "an item of a list, counted from 0", `element(["a", "b"], 1)`, `"b"`},
	{"flatten", stdlib.FlattenFunc, "a list of the items of inner lists", `flatten([["a"], ["b"]])`, `["a", "b"]`},
	{"keys", stdlib.KeysFunc, "the keys of a map, sorted", `keys({ hot = 2, cold = 1 })`, `["cold", "hot"]`},
	{"length", stdlib.LengthFunc, "the number of items", `length(["a", "b"])`, `2`},
	{"lookup", stdlib.LookupFunc, "the value of a key, or a default", `lookup({ hot = 2 }, "cold", 1)`, `1`},
	{"merge", stdlib.MergeFunc, "one map of several; later ones win", `merge({ hot = 2 }, { cold = 1 })`, `{ cold = 1, hot = 2 }`},
	{"range", stdlib.RangeFunc, "numbers from 0, or from the first to before the second", `range(3)`, `tolist([0, 1, 2])`},
	{"reverse", stdlib.ReverseListFunc, "a list backwards", `reverse(["a", "b"])`, `["b", "a"]`},
	{"setintersection", stdlib.SetIntersectionFunc, "what sets have in common", `setintersection(["a", "b"], ["b"])`, `toset(["b"])`},
	{"setsubtract", stdlib.SetSubtractFunc, "a set without what another has", `setsubtract(["a", "b"], ["b"])`, `toset(["a"])`},
	{"setunion", stdlib.SetUnionFunc, "what any of the sets has", `setunion(["a"], ["b"])`, `toset(["a", "b"])`},
	{"slice", stdlib.SliceFunc, "items from one number to before another, counted from 0", `slice(["a", "b", "c"], 0, 2)`, `["a", "b"]`},
	{"sort", stdlib.SortFunc, "a list of texts in order", `sort(["b", "a"])`, `tolist(["a", "b"])`},
	{"values", stdlib.ValuesFunc, "the values of a map, in the order of its keys", `values({ hot = 2, cold = 1 })`, `[1, 2]`},
	{"zipmap", stdlib.ZipmapFunc, "a map of keys and values", `zipmap(["hot"], [2])`, `{ hot = 2 }`},

	{"abs", stdlib.AbsoluteFunc, "a number without its sign", `abs(-2)`, `2`},
	{"ceil", stdlib.CeilFunc, "the whole number that is not below", `ceil(1.2)`, `2`},
	{"floor", stdlib.FloorFunc, "the whole number that is not above", `floor(1.8)`, `1`},
	{"max", stdlib.MaxFunc, "the largest number", `max(1, 2)`, `2`},
	{"min", stdlib.MinFunc, "the smallest number", `min(1, 2)`, `1`},
	{"parseint", stdlib.ParseIntFunc, "the whole number that a text writes in a base", `parseint("ff", 16)`, `255`},

	{"tobool", stdlib.MakeToFunc(cty.Bool), "a bool from a text", `tobool("true")`, `true`},
	{"tolist", stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), "a list from a set", `tolist(toset(["a"]))`, `tolist(["a"])`},
	{"tomap", stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), "a map whose values are of one type", `tomap({ hot = 2 })`, `tomap({ hot = 2 })`},
	{"tonumber", stdlib.MakeToFunc(cty.Number), "a number from a text", `tonumber("30")`, `30`},
	{"toset", stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "a set from a list: sorted, without repeats", `toset(["b", "a", "a"])`, `toset(["a", "b"])`},
	{"tostring", stdlib.MakeToFunc(cty.String), "a text from a number or bool", `tostring(30)`, `"30"`},

	{"formatdate", stdlib.FormatDateFunc, "a date-time in another form", `formatdate("YYYY-MM-DD", "2026-11-20T09:00:00Z")`, `"2026-11-20"`},
	{"timeadd", stdlib.TimeAddFunc, "a date-time some hours, minutes and seconds later", `timeadd("2026-11-20T09:00:00Z", "24h")`, `"2026-11-21T09:00:00Z"`},

	{"can", tryfunc.CanFunc, "whether an expression can be evaluated", `can(regex("^P", "P30D"))`, `true`},
	{"try", tryfunc.TryFunc, "the first expression that can be evaluated", `try({ a = 1 }.b, 2)`, `2`},
}

// functionsWith are all functions by name, env among them.
func functionsWith(lookup func(string) (string, bool)) map[string]function.Function {
	functions := map[string]function.Function{"env": envFunction(lookup)}
	for _, c := range calls {
		functions[c.name] = c.impl
	}
	return functions
}

// Functions lists what expressions may call, for the documentation and for suggestions.
func Functions() []string {
	names := []string{"env"}
	for _, c := range calls {
		names = append(names, c.name)
	}
	sort.Strings(names)
	return names
}

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
