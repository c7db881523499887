package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/hashicorp/hcl/v2"
)

// asking is a configuration whose one hold says in its reason what a variable is.
func asking(declaration, expression string) string {
	return "variable \"x\" {\n" + declaration + "\n}\nhold \"h\" {\n  datasources = [\"d\"]\n  reason      = " + expression + "\n}\n"
}

// outsideOptions are values from everywhere.
func outsideOptions(env map[string]string, files []string, vars ...string) Options {
	o := Options{Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}
	for n, text := range files {
		o.Values = append(o.Values, ValueFile{Name: fmt.Sprintf("%d.vars", n+1), Text: []byte(text)})
	}
	for _, v := range vars {
		name, text, _ := strings.Cut(v, "=")
		o.Vars = append(o.Vars, Assignment{Name: name, Text: text})
	}
	return o
}

func TestPrecedenceOfValues(t *testing.T) {
	const fallback = "  default = \"default\""
	env := map[string]string{"COPPICE_VAR_x": "env", "COPPICE_VAR_y": "ignored", "x": "ignored"}
	cases := []struct {
		name  string
		env   map[string]string
		files []string
		vars  []string
		want  string
	}{
		{"default", nil, nil, nil, "default"},
		{"environment", env, nil, nil, "env"},
		{"file beats environment", env, []string{`x = "one"`}, nil, "one"},
		{"later file wins", env, []string{`x = "one"`, `x = "two"`}, nil, "two"},
		{"a file that says nothing", env, []string{`x = "one"`, ``}, nil, "one"},
		{"flag beats files", env, []string{`x = "one"`}, []string{"x=flag"}, "flag"},
		{"later flag wins", nil, nil, []string{"x=1", "x=2=3"}, "2=3"},
		{"empty is a value", env, nil, []string{"x="}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			config, list := Load(directory(map[string]string{"a.hcl": asking(fallback, `"x is ${var.x}"`)}), outsideOptions(c.env, c.files, c.vars...))
			if len(list) > 0 || config.Holds[0].Reason != "x is "+c.want {
				t.Errorf("messages:\n%s\nholds %+v, want %q", rendered(list), config.Holds, c.want)
			}
		})
	}
}

// Text from the command line and the environment is a value of the variable's type, as in Terraform.
func TestTypesOfGivenText(t *testing.T) {
	cases := []struct{ kind, text, expression, want string }{
		{"", `["a"]`, `var.x`, `["a"]`},
		{"type = string", `007`, `var.x`, `007`},
		{"type = number", `30`, `tostring(var.x + 1)`, `31`},
		{"type = bool", `true`, `var.x ? "yes" : "no"`, `yes`},
		{"type = list(string)", `["a", "b"]`, `join("-", var.x)`, `a-b`},
		{"type = list(number)", `["1", 2]`, `tostring(var.x[0] + var.x[1])`, `3`},
		{"type = map(number)", `{ hot = 2 }`, `tostring(var.x["hot"])`, `2`},
		{"type = any", `{ a = { b = "c" } }`, `var.x.a.b`, `c`},
		{"type = object({ a = string, b = optional(string, \"z\") })", `{ a = "y" }`, `"${var.x.a}${var.x.b}"`, `yz`},
		{"type = set(string)", `["b", "a", "a"]`, `join("", var.x)`, `ab`},
		{"type = any", `null`, `coalesce(var.x, "none")`, `none`},
	}
	for _, c := range cases {
		t.Run(c.kind+" "+c.text, func(t *testing.T) {
			files := directory(map[string]string{"a.hcl": asking("  "+c.kind, c.expression)})
			for name, o := range map[string]Options{
				"--var": outsideOptions(nil, nil, "x="+c.text), "environment": outsideOptions(map[string]string{"COPPICE_VAR_x": c.text}, nil),
			} {
				config, list := Load(files, o)
				if len(list) > 0 || config.Holds[0].Reason != c.want {
					t.Errorf("%s: messages:\n%s\n%+v, want %q", name, rendered(list), config.Holds, c.want)
				}
			}
		})
	}
}

func TestMistakesInGivenValues(t *testing.T) {
	cases := []struct {
		name, kind string
		options    Options
		want       string
	}{
		{"a flag of another type", "type = number", outsideOptions(nil, nil, "x=many"),
			`error[wrong-type]: Value of x is of another type
  at a.hcl:1:1-1:13
  The type is number, and --var x does not fit: a number is required.
  > Give a value of that type.
`},
		{"the environment of another type", "type = bool", outsideOptions(map[string]string{"COPPICE_VAR_x": "ja"}, nil),
			`error[wrong-type]: Value of x is of another type
  at a.hcl:1:1-1:13
  The type is bool, and COPPICE_VAR_x does not fit: a bool is required.
  > Give a value of that type.
`},
		{"a file of another type", "type = object({ a = number })", outsideOptions(nil, []string{"\nx = { a = \"b\" }\n"}),
			`error[wrong-type]: Value of x is of another type
  at 1.vars:2:5-2:16
  The type is object({a=number}), and 1.vars:2 does not fit: in .a, a number is required.
  > Give a value of that type.
`},
		{"no expression", "type = list(string)", outsideOptions(nil, nil, "x=a, b"),
			`error[bad-expression]: Value of x is no expression
  at a.hcl:1:1-1:13
  --var x is read as HCL, since the variable is no plain string, number or bool: Extra characters after expression.
  > Quote it for the shell: --var 'x=["a", "b"]'
`},
		{"names in an expression", "type = list(string)", outsideOptions(nil, nil, "x=[var.y]"),
			`error[bad-expression]: Value of x is no expression
  at a.hcl:1:1-1:13
  --var x is read as HCL, since the variable is no plain string, number or bool: Variables not allowed.
  > Quote it for the shell: --var 'x=["a", "b"]'
`},
		{"too deep", "type = any", outsideOptions(nil, nil, "x="+strings.Repeat("[", 1000)),
			`error[bad-expression]: Value of x is no expression
  at a.hcl:1:1-1:13
  --var x is read as HCL, since the variable is no plain string, number or bool: it is no text, or nested too deeply.
  > Quote it for the shell: --var 'x=["a", "b"]'
`},
		{"undeclared flag", "default = 1", outsideOptions(nil, nil, "xx=1"),
			`error[undeclared-variable]: Variable "xx" is not declared
  at :0:0-0:0
  --var gives it a value. The configuration declares the variables x. Did you mean x?
  > --var x=…
`},
		{"undeclared in a file", "default = 1", outsideOptions(nil, []string{"dayz = 3\nx = 2\n"}),
			`warning[undeclared-variable]: Variable "dayz" is not declared
  at 1.vars:1:1-1:5
  Its value is not used. The configuration declares the variables x.
  > variable "dayz" {
  > }
`},
		{"a block in a file", "default = 1", outsideOptions(nil, []string{"variable \"x\" {\n}\n"}),
			`error[unexpected-block]: Block variable in a file of values
  at 1.vars:1:1-1:9
  Such a file has lines NAME = VALUE only; blocks belong in *.hcl of the configuration's directory.
  > Move it there.
`},
		{"names in a file", "default = 1", outsideOptions(nil, []string{"x = var.y\n"}),
			`error[unknown-variable]: No variable can be used here
  at 1.vars:1:5-1:10
  The values of variables are settled before everything else, from plain values.
  > Write the value out.
`},
		{"a syntax error in a file", "type = string", outsideOptions(nil, []string{"x = \n"}),
			`error[syntax-error]: Invalid expression
  at 1.vars:1:5-2:1
  Expected the start of an expression, but found an invalid expression token.
  > Check quotes, brackets and commas here and in the line before.
`},
		{"a validation of a file's value", "validation {\n    condition = var.x != \"a\"\n    error_message = \"x is not a.\"\n  }", outsideOptions(nil, []string{"x = \"a\"\n"}),
			`error[invalid-value]: Variable x has an invalid value
  at 1.vars:1:5-1:8
  x is not a. It comes from 1.vars:1 and was held against the condition at a.hcl:3.
  > Give another value.
`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, list := Load(directory(map[string]string{"a.hcl": asking("  "+c.kind, `"${jsonencode(var.x)}"`)}), c.options)
			if diff := cmp.Diff(c.want+"\n", rendered(list)); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

// A file of values may be named as a file of the directory is.
func TestValueFilesDoNotHideSources(t *testing.T) {
	o := Options{Values: []ValueFile{{Name: "a.hcl", Text: []byte("x = 1\ny = 2\n")}}}
	config, list := Load(directory(map[string]string{"a.hcl": asking("  type = string", "var.x")}), o)
	if len(list) != 1 || list[0].Range.File != "./a.hcl" || !strings.HasPrefix(string(config.Files["a.hcl"]), "variable") {
		t.Errorf("messages:\n%s", rendered(list))
	}
}

// What may stand where a syntax error is, is not called missing.
func TestVariablesThatASyntaxErrorMayHide(t *testing.T) {
	files := map[string]string{
		"a.hcl": "hold \"h\" {\n  datasources = [\"d\"]\n  reason      = \"${var.a}${local.b}\"\n}\n", "b.hcl": "variable \"a {\n}\n",
	}
	_, list := Load(directory(files), outsideOptions(nil, []string{"a = 1"}, "a=2"))
	if len(list) != 1 || list[0].Code != "syntax-error" {
		t.Errorf("messages:\n%s", rendered(list))
	}
}

// A sensitive value is in no message, source, document or digest, wherever it came from, and still gets in.
func TestSensitiveVariablesAreNeverShown(t *testing.T) {
	const text = `
variable "x" {
  type      = any
  sensitive = true
  default   = "hunter2-hunter2"
  validation {
    condition     = length(jsonencode(var.x)) > 5
    error_message = "not ${var.x}"
  }
}
locals {
  again = [var.x]
}
cluster "c" {
  coordinator = "https://router"
  auth {
    token = local.again[0]
  }
}
`
	misuse := []string{
		"hold \"h\" {\n  datasources = [\"d\"]\n  reason = local.again[0]\n}\n", "hold \"h\" {\n  datasources = [var.x]\n  reason = \"x\"\n}\n",
		"datasource \"d\" {\n  restore = tonumber(local.again[0]) > 1\n}\n", "datasource \"d\" {\n  restore = local.again[0] + 1\n}\n",
		"datasource \"d\" {\n  restore = { a = 1 }[var.x]\n}\n", "datasource \"d\" {\n  kill {\n    task {\n      context = { a = var.x }\n    }\n  }\n}\n",
		"locals {\n  b = jsondecode(var.x)\n}\n", "variable \"y\" {\n  default = 1\n  validation {\n    condition = var.y > var.x\n    error_message = var.x\n  }\n}\n",
	}
	sources := map[string]Options{
		"default": {}, "file": outsideOptions(nil, []string{"\nx = \"hunter2-hunter2\"\n"}), "flag": outsideOptions(nil, nil, `x="hunter2-hunter2"`),
		"environment":                  outsideOptions(map[string]string{"COPPICE_VAR_x": `"hunter2-hunter2"`}, nil),
		"a flag that is no expression": outsideOptions(nil, nil, `x=hunter2-hunter2 hunter2-hunter2`),
		"a file of another name":       outsideOptions(nil, []string{"xs = \"hunter2-hunter2\"\n"}),
		"a validated file":             outsideOptions(nil, []string{"x = 1"}),
	}
	for name, o := range sources {
		for n, more := range append(misuse, "") {
			config, list := Load(directory(map[string]string{"a.hcl": text + more}), o)
			if n < len(misuse) && !list.HasErrors() {
				t.Errorf("%s: misuse %d is taken", name, n)
			}
			document, err := json.Marshal(config)
			if err != nil {
				t.Fatal(err)
			}
			shown := fmt.Sprintf("%s\n%s\n%v\n%s", rendered(list), document, config, config.meaning("c"))
			for file, source := range config.Files {
				shown += file + "\n" + string(source)
			}
			if strings.Contains(shown, secretText) {
				t.Errorf("%s, misuse %d: the secret is shown:\n%s", name, n, shown)
			}
			if n == len(misuse) && !list.HasErrors() && config.Clusters[0].Auth.Token.Reveal() != secretText {
				t.Errorf("%s: the secret did not get in", name)
			}
		}
	}
}

// The digest knows meaning, and not by which name or way it came.
func TestDigestOfVariables(t *testing.T) {
	digest := func(text string, o Options) string {
		config, list := Load(directory(map[string]string{"a.hcl": text}), o)
		if len(list) > 0 {
			t.Fatal(rendered(list))
		}
		return config.Digest("")
	}
	plain := digest("hold \"h\" {\n  datasources = [\"d\"]\n  reason      = \"r\"\n}\n", Options{})
	if got := digest(asking("", "var.x"), outsideOptions(nil, nil, "x=r")); got != plain {
		t.Error("a variable changes the digest though it means the same")
	}
	if got := digest(asking("", "var.x"), outsideOptions(nil, nil, "x=s")); got == plain {
		t.Error("the value of a variable does not count")
	}
}

// Every function does what its line in the documentation says.
func TestFunctionsDoAsDocumented(t *testing.T) {
	d := &decoder{functions: functionsWith(nil)}
	d.scope = &scope{functions: d.functions}
	value := func(text string) string {
		expr, problems := hclsyntax.ParseExpression([]byte(text), "a.hcl", hcl.InitialPos)
		if problems.HasErrors() {
			t.Fatalf("%s: %v", text, problems)
		}
		got, ok := d.evaluate(expr)
		if !ok {
			t.Fatalf("%s: %s", text, rendered(d.list))
		}
		return got.GoString()
	}
	for _, c := range calls {
		if !strings.HasPrefix(c.example, c.name+"(") || c.meaning == "" || strings.HasSuffix(c.meaning, ".") {
			t.Errorf("%s: example %q, meaning %q", c.name, c.example, c.meaning)
		}
		if got, want := value(c.example), value(c.result); got != want {
			t.Errorf("%s = %s, want %s", c.example, got, want)
		}
	}
}

func FuzzValues(f *testing.F) {
	f.Add("x = 1\n", "2", "string")
	f.Add("x = [\"a\", { b = null }]\ny = 3", "[1, 2]", "list(number)")
	f.Add("x {\n}\n", "{ a = \"b\" }", "object({ a = optional(string, \"c\") })")
	f.Add("\xff", "\xff", "any")
	f.Fuzz(func(t *testing.T, file, flag, kind string) {
		text := asking("  sensitive = true\n  type = "+kind, "\"r\"") + "cluster \"c\" {\n  coordinator = \"http://c\"\n  auth {\n    token = var.x\n  }\n}\n"
		for _, o := range []Options{outsideOptions(nil, []string{file}), outsideOptions(nil, nil, "x="+flag), outsideOptions(map[string]string{"COPPICE_VAR_x": flag}, nil)} {
			config, list := Load(directory(map[string]string{"a.hcl": text}), o)
			for _, p := range list {
				if p.Code == "" || p.Summary == "" || p.Detail == "" || p.Hint == "" {
					t.Errorf("message without code, summary, detail or hint: %+v", p)
				}
			}
			if len(config.Digest("")) != 64 {
				t.Error("no digest")
			}
		}
	})
}

func FuzzTests(f *testing.F) {
	f.Add("test \"a\" {\n  now = \"2026-03-31T00:00:00Z\"\n  segment {\n    datasource = \"d\"\n    interval = \"2026/2027\"\n    expect = \"keep\"\n    rule = 1\n  }\n}\n")
	f.Add("test \"a\" {\n  snapshot = \"f\"\n  segment {\n    used = false\n    marked_at = local.x\n    partition = 70000\n  }\n}\ntest \"a\" {\n}\nx = 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, tests, list := LoadTests(directory(map[string]string{"a.hcl": "datasource \"d\" {\n}\n", "a.test.hcl": text}), options)
		for _, p := range list {
			if p.Code == "" || p.Summary == "" || p.Detail == "" || p.Hint == "" || p.Range.File != "a.test.hcl" {
				t.Errorf("message without code, summary, detail, hint or place: %+v", p)
			}
		}
		if list.HasErrors() {
			return
		}
		for _, test := range tests {
			for _, s := range test.Segments {
				if !slices.Contains(Decisions(), s.Expect.Value) || s.Datasource == "" || s.Rule != nil && s.Rule.Value < 1 {
					t.Errorf("segment %+v", s)
				}
			}
			if len(test.Segments) == 0 {
				t.Errorf("test %q has no segments", test.Name)
			}
		}
	})
}
