package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"coppice/internal/diag"
)

// variablePrefix stands before a variable's name in the environment.
const variablePrefix = "COPPICE_VAR_"

// given is a value from outside that wins over all others for its variable.
type given struct {
	source origin
	// from names the origin in a sentence.
	from string
	// text is what stands on the command line or in the environment, expr what stands in a file.
	text string
	expr hclsyntax.Expression
	// at is the place in a file; elsewhere there is none.
	at diag.Range
}

// origin is where a value came from; empty when none was given.
type origin string

const (
	fromEnvironment origin = "environment"
	fromFile        origin = "file"
	fromFlag        origin = "flag"
)

// place is that of the value, else that of the variable.
func (g given) place(v *variable) diag.Range {
	if g.at.Known() {
		return g.at
	}
	return v.section.origin
}

// outside finds the value that counts for each variable: the environment is beaten by files, files by single values, and
// among equals the later one wins.
func (d *decoder) outside(variables []*variable) map[string]given {
	declared, values := map[string]*variable{}, map[string]given{}
	for _, v := range variables {
		declared[v.name] = v
		if d.options.Env == nil {
			continue
		}
		if text, set := d.options.Env(variablePrefix + v.name); set {
			values[v.name] = given{source: fromEnvironment, from: variablePrefix + v.name, text: text}
		}
	}
	for _, file := range d.options.Values {
		d.readValues(file, declared, values)
	}
	for _, a := range d.options.Vars {
		if declared[a.Name] == nil {
			d.undeclaredFlag(a.Name, sortedKeys(declared))
			continue
		}
		values[a.Name] = given{source: fromFlag, from: "--var " + a.Name, text: a.Text}
	}
	return values
}

func (d *decoder) undeclaredFlag(name string, known []string) {
	if d.damaged {
		return // it may stand where the syntax error is
	}
	detail, _ := undeclared("var", "variable", name, known)
	p := diag.Diagnostic{Code: "undeclared-variable", Summary: "Variable " + quote(name) + " is not declared",
		Detail: "--var gives it a value. " + detail, Hint: fmt.Sprintf("Leave --var %s out, or declare it:\nvariable %q {\n}", name, name)}
	if near := diag.Nearest(name, known); near != "" {
		p.Hint = "--var " + near + "=…"
	}
	d.add(p)
}

// readValues adds the values of a file.
func (d *decoder) readValues(file ValueFile, declared map[string]*variable, values map[string]given) {
	name := file.Name
	if _, taken := d.files[name]; taken {
		name = "./" + name // the directory has another file of that name
	}
	d.files[name] = file.Text
	parsed, ok := d.parse(name, file.Text)
	if !ok {
		return
	}
	for _, block := range parsed.body.Blocks {
		d.add(diag.Diagnostic{
			Code: "unexpected-block", Range: rangeOf(block.TypeRange), Summary: "Block " + block.Type + " in a file of values",
			Detail: "Such a file has lines NAME = VALUE only; blocks belong in *.hcl of the configuration's directory.",
			Hint:   "Move it there.",
		})
	}
	for _, attr := range attributesInOrder(parsed.body.Attributes) {
		v := declared[attr.Name]
		if v == nil {
			d.undeclaredInFile(attr, sortedKeys(declared))
			continue
		}
		if v.sensitive {
			d.blanks = append(d.blanks, attr.Expr.Range())
		}
		at := rangeOf(attr.Expr.Range())
		values[attr.Name] = given{source: fromFile, from: place(at), expr: attr.Expr, at: at}
	}
}

// undeclaredInFile warns only: one file may serve several directories.
func (d *decoder) undeclaredInFile(attr *hclsyntax.Attribute, known []string) {
	if d.damaged {
		return
	}
	d.blanks = append(d.blanks, attr.Expr.Range()) // nobody said whether it is sensitive
	detail, hint := undeclared("var", "variable", attr.Name, known)
	if near := diag.Nearest(attr.Name, known); near != "" {
		hint = near + " = …"
	}
	d.warn(diag.Diagnostic{
		Code: "undeclared-variable", Range: rangeOf(attr.NameRange), Summary: "Variable " + quote(attr.Name) + " is not declared",
		Detail: "Its value is not used. " + detail, Hint: hint,
	})
}

// valueGiven evaluates what was given, as the variable's type.
func (d *decoder) valueGiven(v *variable, from given) (cty.Value, bool) {
	var value cty.Value
	var ok bool
	switch {
	case from.source == fromFile:
		value, ok = d.evaluate(from.expr)
	case v.plain:
		value, ok = cty.StringVal(from.text), true
	default:
		value, ok = d.expressionGiven(v, from)
	}
	if !ok {
		return cty.DynamicVal, false
	}
	return d.fitted(v, value, from)
}

// expressionGiven reads a list or a map from the command line or the environment. It is written in HCL, without names
// and functions.
func (d *decoder) expressionGiven(v *variable, from given) (cty.Value, bool) {
	text := []byte(from.text)
	_, utf8 := badUTF8(from.from, text)
	_, deep := tooDeep(from.from, text)
	if !utf8 || deep {
		d.badExpressionGiven(v, from, "it is no text, or nested too deeply")
		return cty.DynamicVal, false
	}
	expr, problems := hclsyntax.ParseExpression(text, from.from, hcl.InitialPos)
	value := cty.DynamicVal
	if !problems.HasErrors() {
		value, problems = expr.Value(nil)
	}
	if problems.HasErrors() {
		d.badExpressionGiven(v, from, problems[0].Summary)
		return cty.DynamicVal, false
	}
	return value, true
}

func (d *decoder) badExpressionGiven(v *variable, from given, why string) {
	if v.sensitive {
		why = "details are left out, since the variable is sensitive"
	}
	d.add(diag.Diagnostic{
		Code: "bad-expression", Range: from.place(v), Summary: "Value of " + v.name + " is no expression",
		Detail: fmt.Sprintf("%s is read as HCL, since the variable is no plain string, number or bool: %s.", from.from, why),
		Hint:   fmt.Sprintf("Quote it for the shell: --var '%s=[\"a\", \"b\"]'", v.name),
	})
}
