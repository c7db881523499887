package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"
)

// module is the module's path, which all imports of its own packages start with.
const module = "coppice"

// source is one parsed Go file that ships (no _test.go).
type source struct {
	// path is the file's, pkg its folder's, both below the module.
	path, pkg string
	file      *ast.File
	fset      *token.FileSet
}

// violation is one place that breaks a rule.
type violation struct {
	path string
	line int
	what string
	why  string
}

// String is how a test reports it: where, what, and the sentence.
func (v violation) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", v.path, v.line, v.what, v.why)
}

// at makes a violation at a node of the file.
func (s source) at(node ast.Node, what, why string) violation {
	return violation{path: s.path, line: s.fset.Position(node.Pos()).Line, what: what, why: why}
}

// parseAll reads every shipped Go file below the root, in the order of names.
func parseAll(fsys fs.FS) ([]source, error) {
	var read []source
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && skippedFolder(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		one, err := parseOne(fsys, name)
		read = append(read, one)
		return err
	})
	return read, err
}

// skippedFolder follows the go command: testdata and names with a leading dot or underscore hold no packages.
func skippedFolder(name string) bool {
	return name == "testdata" || name != "." && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_"))
}

func parseOne(fsys fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return source{}, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	return source{path: name, pkg: path.Dir(name), file: file, fset: fset}, err
}

// within reports whether pkg is the named package or, for a name such as "cmd", lies below it.
func within(pkg, name string) bool {
	return name == everything || pkg == name || strings.HasPrefix(pkg, name+"/")
}

// withinAny reports whether pkg is within one of the names.
func withinAny(pkg string, names []string) bool {
	for _, name := range names {
		if within(pkg, name) {
			return true
		}
	}
	return false
}
