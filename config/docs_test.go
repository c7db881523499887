package config

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
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
	want := prose + begins + printReference()
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

// printReference is everything that depends on the decoder's table.
func printReference() string {
	var b strings.Builder
	b.WriteString("\n## Functions\n\n| function | gives | example | result |\n|---|---|---|---|\n")
	b.WriteString("| `env` | a variable of the environment, or a default; sensitive | `env(\"DRUID_TOKEN\", \"\")` | the value |\n")
	for _, c := range calls {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | `%s` |\n", c.name, c.meaning, c.example, c.result)
	}
	b.WriteString("\n## Reference\n")
	for _, block := range slices.Concat(Language().Blocks, TestLanguage().Blocks) {
		printBlock(&b, block, "")
	}
	return b.String()
}

var fenced = regexp.MustCompile("(?s)```hcl\n(.*?)```\n")

// The examples in the docs are one configuration, and it loads.
func TestExamplesInTheDocsLoad(t *testing.T) {
	prose, _, _ := strings.Cut(read(t, reference), begins)
	var examples, tests strings.Builder
	for _, example := range fenced.FindAllStringSubmatch(prose, -1) {
		if strings.HasPrefix(example[1], "test ") {
			tests.WriteString(example[1])
			continue
		}
		examples.WriteString(example[1])
	}
	env := Options{Env: func(name string) (string, bool) { return "secret", name != variablePrefix+"raw_days" }}
	config, tested, list := LoadTests(directory(map[string]string{"docs.hcl": examples.String(), "docs.test.hcl": tests.String()}), env)
	if len(list) > 0 || len(config.Datasources) == 0 || len(config.Families) == 0 || len(tested) == 0 {
		t.Errorf("messages:\n%s", rendered(list))
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
	attributes := block.Attributes
	if block.Open != nil {
		attributes = append(attributes, *block.Open)
	}
	if len(attributes) > 0 {
		b.WriteString("\n| attribute | type, default | example | meaning |\n|---|---|---|---|\n")
	}
	for _, a := range attributes {
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
