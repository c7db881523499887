package config

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"coppice/internal/druid"
)

const (
	reference = "../docs/language.md"
	begins    = "<!-- reference: written by `go test ./config -update` -->\n"
)

// The reference in the docs is printed from the table that the decoder obeys, so it cannot lie.
func TestLanguageReference(t *testing.T) {
	text := read(t, reference)
	prose, _, ok := strings.Cut(text, begins)
	if !ok {
		t.Fatalf("%s has no line %q", reference, begins)
	}
	want := prose + begins + printDocs(t, unsupported)
	if *update {
		if err := os.WriteFile(reference, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != text {
		t.Errorf("%s is not what the decoder does; run: go test ./config -update", reference)
	}
}

// switchable are the parts in the order of the docs, and how a sentence names them. What is there to say about a part
// that is switched on stands in testdata/docs, or in the prose when there is no file.
var switchable = []struct{ part, shown string }{
	{"families", "families (`datasource \"events_*\"`)"}, {"hold", "`hold`"}, {"removal", "`removal`"},
	{"budget", "`guard { budget }`"}, {"max_future", "`guard { max_future }`"},
}

// printDocs is everything that depends on what is switched off, and then the reference.
func printDocs(t *testing.T, off map[string]bool) string {
	var b strings.Builder
	var missing []string
	for _, s := range switchable {
		path := filepath.Join("testdata/docs", s.part+".md")
		if off[s.part] {
			missing = append(missing, s.shown)
		} else if _, err := os.Stat(path); err == nil {
			b.WriteString("\n" + read(t, path))
		}
	}
	missing = append(missing, "`variable`", "`locals`", "`test`")
	b.WriteString("\nNot part of this version, and refused with a clear message: " + list(missing) + ".\n\n## Reference\n")
	for _, block := range language(off).Blocks {
		printBlock(&b, block, "")
	}
	return b.String()
}

var fenced = regexp.MustCompile("(?s)```hcl\n(.*?)```\n")

// The examples in the docs are one configuration, and it loads.
func TestExamplesInTheDocsLoad(t *testing.T) {
	prose, _, _ := strings.Cut(read(t, reference), begins)
	for name, off := range map[string]map[string]bool{"as it is": unsupported, "whole": nil} {
		t.Run(name, func(t *testing.T) {
			var examples strings.Builder
			blocks := 0
			for _, example := range fenced.FindAllStringSubmatch(prose+printDocs(t, off), -1) {
				examples.WriteString(example[1])
				blocks++
			}
			env := Options{Env: func(string) (string, bool) { return "secret", true }}
			config, list := load(directory(map[string]string{"docs.hcl": examples.String()}), env, language(off))
			if len(list) > 0 || len(config.Datasources) == 0 {
				t.Errorf("messages:\n%s", rendered(list))
			}
			if off == nil && (blocks < 4 || len(config.Families) == 0) {
				t.Errorf("%d examples, %d families: some are missing", blocks, len(config.Families))
			}
		})
	}
}

func TestEveryPartIsNamedInTheDocs(t *testing.T) {
	named := parts()
	for _, s := range switchable {
		delete(named, s.part)
	}
	if len(named) > 0 || len(switchable) != len(refusals) {
		t.Errorf("not named: %v", named)
	}
}

func printBlock(b *strings.Builder, block *Block, within string) {
	name := within + block.Name
	fmt.Fprintf(b, "\n### `%s`", name)
	for _, label := range block.Labels {
		fmt.Fprintf(b, " (%s)", label)
	}
	fmt.Fprintf(b, "\n\n%s.", capital(block.Meaning))
	if block.Many {
		b.WriteString(" May be repeated.")
	}
	b.WriteString("\n")
	if len(block.Attributes) > 0 {
		b.WriteString("\n| attribute | type, default | example | meaning |\n|---|---|---|---|\n")
	}
	for _, a := range block.Attributes {
		fmt.Fprintf(b, "| `%s` | %s | `%s` | %s |\n", a.Name, typeOf(a), a.Example, a.Meaning)
	}
	for _, inner := range block.Blocks {
		printBlock(b, inner, name+".")
	}
}

func capital(s string) string {
	s = cmp.Or(s, "As elsewhere")
	if first, _, _ := strings.Cut(s, " "); strings.ToLower(first) != first {
		return s // one of Druid's names
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func typeOf(a Attribute) string {
	kind := a.Kind.String()
	if a.Word != "" {
		kind += fmt.Sprintf(" or `%q`", a.Word)
	}
	switch value := a.Default.(type) {
	case nil:
		if a.Required {
			return kind + ", required"
		}
		return kind
	case *druid.Period:
		if value == nil {
			return fmt.Sprintf("%s, `%q`", kind, a.Word)
		}
		return fmt.Sprintf("%s, `%q`", kind, value)
	case druid.Period:
		return fmt.Sprintf("%s, `%q`", kind, value)
	case string:
		return fmt.Sprintf("%s, `%q`", kind, value)
	default:
		return fmt.Sprintf("%s, `%v`", kind, value)
	}
}
