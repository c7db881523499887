package archtest

import (
	"go/ast"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// mention is a stable word of the program, and where it stands in the source.
type mention struct {
	word string
	source
	node ast.Node
}

// kinds are the values of plan.Kind's constants.
func kinds(files []source) []mention {
	var found []mention
	for _, s := range files {
		if s.pkg != "internal/plan" {
			continue
		}
		for _, spec := range constants(s.file) {
			if typed, ok := spec.Type.(*ast.Ident); ok && typed.Name == "Kind" {
				found = append(found, texts(s, spec.Values...)...)
			}
		}
	}
	return found
}

func constants(file *ast.File) []*ast.ValueSpec {
	var found []*ast.ValueSpec
	for _, declaration := range file.Decls {
		group, ok := declaration.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			found = append(found, spec.(*ast.ValueSpec))
		}
	}
	return found
}

// findingCodes are the codes that the planner complains with: what is given to a field or variable named code next to a
// severity, or to a call of a function that complains.
func findingCodes(files []source) []mention {
	var found []mention
	for _, s := range files {
		if s.pkg != "planner" {
			continue
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.CompositeLit:
				found = append(found, literalCode(s, n)...)
			case *ast.AssignStmt:
				found = append(found, assignedCode(s, n)...)
			case *ast.CallExpr:
				found = append(found, texts(s, guardCode(n)...)...)
			}
			return true
		})
	}
	return found
}

// literalCode is the code of a complaint written out.
func literalCode(s source, literal *ast.CompositeLit) []mention {
	var code ast.Expr
	severe := false
	for _, element := range literal.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		switch key, _ := pair.Key.(*ast.Ident); {
		case key == nil:
		case key.Name == "severity":
			severe = true
		case key.Name == "code":
			code = pair.Value
		}
	}
	if !severe || code == nil {
		return nil
	}
	return texts(s, code)
}

// assignedCode is a code that replaces another one.
func assignedCode(s source, statement *ast.AssignStmt) []mention {
	var found []mention
	for i, left := range statement.Lhs {
		selector, ok := left.(*ast.SelectorExpr)
		if ok && selector.Sel.Name == "code" && i < len(statement.Rhs) {
			found = append(found, texts(s, statement.Rhs[i])...)
		}
	}
	return found
}

// guardCode is the code that a guard is measured under: an argument that starts with the guards' prefix.
func guardCode(call *ast.CallExpr) []ast.Expr {
	for _, argument := range call.Args {
		if text, ok := argument.(*ast.BasicLit); ok && strings.HasPrefix(strings.Trim(text.Value, "`\""), "guard-") {
			return []ast.Expr{argument}
		}
	}
	return nil
}

// texts are the string literals among expressions.
func texts(s source, expressions ...ast.Expr) []mention {
	var found []mention
	for _, expression := range expressions {
		literal, ok := expression.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			continue
		}
		if word, err := strconv.Unquote(literal.Value); err == nil {
			found = append(found, mention{word, s, literal})
		}
	}
	return found
}

// undocumented are the words that no page of docs has between backquotes.
func undocumented(fsys fs.FS, mentions []mention, why string) ([]violation, error) {
	pages, err := fs.Glob(fsys, path.Join("docs", "*.md"))
	if err != nil {
		return nil, err
	}
	var all strings.Builder
	for _, page := range pages {
		text, err := fs.ReadFile(fsys, page)
		if err != nil {
			return nil, err
		}
		all.Write(text)
	}
	var found []violation
	for _, m := range mentions {
		if !strings.Contains(all.String(), "`"+m.word+"`") {
			found = append(found, m.at(m.node, strconv.Quote(m.word), why))
		}
	}
	return found, nil
}
