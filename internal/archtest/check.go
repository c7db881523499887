package archtest

import (
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
)

// check applies every rule to every file.
func check(files []source) []violation {
	var found []violation
	for _, s := range files {
		found = append(found, s.checkName()...)
		found = append(found, s.checkImports()...)
		found = append(found, s.checkCalls()...)
		found = append(found, s.checkGoroutines()...)
	}
	return found
}

// checkName refuses packages whose name is a drawer.
func (s source) checkName() []violation {
	if slices.Contains(emptyNames, s.file.Name.Name) || slices.Contains(emptyNames, path.Base(s.pkg)) {
		return []violation{s.at(s.file.Name, "package "+s.file.Name.Name, emptyNameWhy)}
	}
	return nil
}

// checkImports holds the imports of one file against the table and the limits.
func (s source) checkImports() []violation {
	var found []violation
	for _, spec := range s.file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			found = append(found, s.at(spec, "import "+spec.Path.Value, "an import path is a string"))
			continue
		}
		if own, isOwn := strings.CutPrefix(imported, module+"/"); isOwn {
			found = append(found, s.checkOwn(spec, own)...)
			continue
		}
		found = append(found, s.checkOutside(spec, imported)...)
	}
	return found
}

// checkOwn holds the import of a package of the module against the table.
func (s source) checkOwn(spec ast.Node, imported string) []violation {
	if withinAny(imported, developing) && !withinAny(s.pkg, developing) {
		return []violation{s.at(spec, s.pkg+" imports "+imported, developingWhy)}
	}
	row := slices.IndexFunc(layers, func(l layer) bool { return within(s.pkg, l.pkg) })
	if row < 0 {
		return []violation{s.at(spec, s.pkg+" imports "+imported, "a package of the module has its line in the import table")}
	}
	if slices.Contains(layers[row].may, everything) || slices.Contains(layers[row].may, imported) || imported == layers[row].pkg {
		return nil
	}
	return []violation{s.at(spec, s.pkg+" imports "+imported, layers[row].why)}
}

// checkOutside holds any other import against the limits.
func (s source) checkOutside(spec ast.Node, imported string) []violation {
	var found []violation
	for _, limit := range limits {
		if withinAny(s.pkg, limit.in) && limit.forbids(imported) {
			found = append(found, s.at(spec, s.pkg+" imports "+imported, limit.why))
		}
	}
	if testingLimit.forbids(imported) && !withinAny(s.pkg, developing) {
		found = append(found, s.at(spec, s.pkg+" imports "+imported, testingLimit.why))
	}
	return found
}

func (l packageLimit) forbids(imported string) bool {
	return slices.ContainsFunc(l.never, func(never string) bool {
		return imported == never || strings.HasSuffix(never, "/") && strings.HasPrefix(imported, never)
	})
}

// checkCalls looks for forbidden names of the standard library, called or only mentioned.
func (s source) checkCalls() []violation {
	var found []violation
	names := s.importNames()
	ast.Inspect(s.file, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if owner, ok := selector.X.(*ast.Ident); ok {
				found = append(found, s.checkUse(selector, names[owner.Name], selector.Sel.Name)...)
			}
		}
		return true
	})
	return found
}

// checkUse holds one mention of pkg.name against the limits of calls.
func (s source) checkUse(node ast.Node, pkg, name string) []violation {
	var found []violation
	for _, limit := range calls {
		if pkg != limit.pkg || !slices.Contains(limit.names, name) {
			continue
		}
		if withinAny(s.pkg, limit.in) && !withinAny(s.pkg, limit.except) && !slices.Contains(limit.except, s.path) {
			found = append(found, s.at(node, pkg+"."+name, limit.why))
		}
	}
	return found
}

// importNames maps the names under which a file knows its imports to their paths.
func (s source) importNames() map[string]string {
	names := make(map[string]string, len(s.file.Imports))
	for _, spec := range s.file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = imported
	}
	return names
}

// checkGoroutines refuses go statements where nothing may run at the same time.
func (s source) checkGoroutines() []violation {
	if !withinAny(s.pkg, goroutineFree) {
		return nil
	}
	var found []violation
	ast.Inspect(s.file, func(node ast.Node) bool {
		if statement, ok := node.(*ast.GoStmt); ok {
			found = append(found, s.at(statement, "go statement", goroutineWhy))
		}
		return true
	})
	return found
}
