package declare

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/druid"
	"coppice/internal/memdir"
)

// Source is what is to be declared.
type Source struct {
	// Default is the cluster's default list; nil leaves it out.
	Default druid.RuleList
	// Datasources in the order in which they are to be written; no name twice.
	Datasources []Datasource
	// Taken are names of policies that exist already, which new ones must not have.
	Taken []string
	// Name is that of the first file, without ".hcl".
	Name string
}

// fileBytes is when a new file begins; package config takes twice as much.
const fileBytes = 1 << 19

// Datasource is one datasource with its own list; an empty list means that it has none.
type Datasource struct {
	Name  string
	Rules druid.RuleList
}

// Result is the configuration, and what is not in it.
type Result struct {
	// Files are formatted HCL: NAME.hcl, and NAME-2.hcl and so on where one would be too long to read well.
	Files []memdir.File
	// Datasources that are declared; WithRules of them have rules of their own, and Shared of these by a policy.
	Datasources, WithRules, Shared int
	// Policies are the names of the policies, in the order written.
	Policies []string
	// Default: the default rules are declared.
	Default bool
	// Left is what could not be declared, in the order of the source.
	Left []Left
}

// Left is a datasource, or "_default", whose rules could not be declared.
type Left struct {
	Datasource string
	// Why is one sentence.
	Why string
}

// defaultRules is Druid's key of the default list.
const defaultRules = "_default"

// Write declares the source. An error means that what was written does not read back as it was: a mistake of this package.
func Write(source Source) (*Result, error) {
	w := &writer{source: source, forms: map[string]form{}, users: map[string]int{}, named: map[string]string{}}
	w.taken = map[string]bool{}
	for _, name := range source.Taken {
		w.taken[name] = true
	}
	w.settle()
	w.print()
	return &w.result, w.compare()
}

// writer carries one Write through its steps.
type writer struct {
	source Source
	result Result
	file   *hclwrite.File
	// forms and users (how many datasources have it) by the digest of a list; named are the policies of shared ones.
	forms map[string]form
	users map[string]int
	named map[string]string
	taken map[string]bool
	kept  []Datasource
	// written counts blocks; begun: the file in hand has one.
	written int
	begun   bool
}

// form is how a list is written; without a body it cannot be, and why says so.
type form struct {
	write func(body *hclwrite.Body)
	name  string
	why   string
}

// settle finds a form for every list, and leaves out what has none.
func (w *writer) settle() {
	for _, d := range w.source.Datasources {
		if why := unnameable(d.Name); why != "" {
			w.leave(d.Name, why)
			continue
		}
		if len(d.Rules) > 0 {
			f := w.formOf(d.Rules)
			if f.write == nil {
				w.leave(d.Name, f.why)
				continue
			}
			w.users[d.Rules.Digest()]++
			w.result.WithRules++
		}
		w.kept = append(w.kept, d)
	}
	w.result.Datasources = len(w.kept)
}

func (w *writer) leave(name, why string) {
	w.result.Left = append(w.result.Left, Left{Datasource: name, Why: why})
}

// formOf is the shortest form that reads back as the list.
func (w *writer) formOf(list druid.RuleList) form {
	digest := list.Digest()
	known, ok := w.forms[digest]
	if !ok {
		known = bestForm(list)
		w.forms[digest] = known
	}
	return known
}

func bestForm(list druid.RuleList) form {
	if f, ok := retentionForm(list); ok && readsBack(f, list) == "" {
		return f
	}
	f := rulesForm(list)
	if why := readsBack(f, list); why != "" {
		return form{why: why}
	}
	return f
}

// readsBack says why a form does not mean the list; empty when it does.
func readsBack(f form, list druid.RuleList) string {
	file := hclwrite.NewEmptyFile()
	f.write(file.Body().AppendNewBlock("datasource", []string{"x"}).Body())
	read, problems := load(file)
	if len(problems) > 0 {
		return strings.TrimSuffix(problems[0].Detail, ".")
	}
	if d := read.Find("x"); d == nil || d.Rules == nil || !d.Rules.List.Equal(list) {
		return "the language of this version cannot say its rules exactly"
	}
	return ""
}

// unnameable says why a datasource cannot be named exactly; empty when it can.
func unnameable(name string) string {
	file := hclwrite.NewEmptyFile()
	file.Body().AppendNewBlock("datasource", []string{name})
	read, problems := load(file)
	switch {
	case len(problems) > 0:
		return "its name cannot be written: " + strings.TrimSuffix(problems[0].Detail, ".")
	case read.Find(name) == nil:
		return "its name would be read as a pattern"
	}
	return ""
}

func load(file *hclwrite.File) (*config.Config, diag.List) {
	return config.Load(memdir.Dir{{Name: "written.hcl", Text: hclwrite.Format(file.Bytes())}}, config.Options{})
}

// compare loads what was written and looks for anything that is not as the source has it.
func (w *writer) compare() error {
	read, problems := config.Load(memdir.Dir(w.result.Files), config.Options{})
	if len(problems) > 0 {
		return fmt.Errorf("what was written is no configuration: %s: %s", problems[0].Summary, problems[0].Detail)
	}
	if w.result.Default && (read.DefaultRules == nil || !read.DefaultRules.List.Equal(w.source.Default)) {
		return fmt.Errorf("the default rules do not read back as they are")
	}
	for _, d := range w.kept {
		got := read.Find(d.Name)
		same := got != nil && (len(d.Rules) == 0 && got.Rules == nil || len(d.Rules) > 0 && got.Rules != nil && got.Rules.List.Equal(d.Rules))
		if !same {
			return fmt.Errorf("the rules of %q do not read back as they are", d.Name)
		}
	}
	return nil
}

// shared are the lists that become policies, by their digest: those of two datasources and more, in the order of their
// first datasource.
func (w *writer) shared() []druid.RuleList {
	var lists []druid.RuleList
	for _, d := range w.kept {
		digest := d.Rules.Digest()
		if w.users[digest] < 2 || w.named[digest] != "" {
			continue
		}
		w.named[digest] = w.free(w.forms[digest].name)
		lists = append(lists, d.Rules)
	}
	return lists
}

// free is the name, or the first numbered one that nothing has yet.
func (w *writer) free(name string) string {
	free := name
	for n := 2; w.taken[free]; n++ {
		free = fmt.Sprintf("%s-%d", name, n)
	}
	w.taken[free] = true
	w.result.Policies = append(w.result.Policies, free)
	return free
}

// print writes policies, then the default rules, then datasources.
func (w *writer) print() {
	w.file = hclwrite.NewEmptyFile()
	for _, list := range w.shared() {
		digest := list.Digest()
		w.forms[digest].write(w.block("policy", w.named[digest]))
	}
	w.printDefault()
	for _, d := range w.kept {
		w.printDatasource(d)
	}
	w.endFile()
}

// block begins a block, in a new file when the one in hand is long. Bytes are counted by the blocks before it.
func (w *writer) block(kind string, labels ...string) *hclwrite.Body {
	if w.written++; w.written%256 == 0 && len(w.file.Bytes()) > fileBytes {
		w.endFile()
	}
	root := w.file.Body()
	if w.begun {
		root.AppendNewline()
	}
	w.begun = true
	return root.AppendNewBlock(kind, labels).Body()
}

func (w *writer) endFile() {
	name := w.source.Name + ".hcl"
	if n := len(w.result.Files); n > 0 {
		name = fmt.Sprintf("%s-%d.hcl", w.source.Name, n+1)
	}
	w.result.Files = append(w.result.Files, memdir.File{Name: name, Text: hclwrite.Format(w.file.Bytes())})
	w.file, w.begun = hclwrite.NewEmptyFile(), false
}

func (w *writer) printDefault() {
	if len(w.source.Default) == 0 {
		return
	}
	if f := w.formOf(w.source.Default); f.write == nil {
		w.leave(defaultRules, f.why)
		return
	}
	writeRules(w.block("default_rules"), w.source.Default)
	w.result.Default = true
}

func (w *writer) printDatasource(d Datasource) {
	body := w.block("datasource", d.Name)
	digest := d.Rules.Digest()
	switch name := w.named[digest]; {
	case len(d.Rules) == 0:
		comment(body, "no rules of its own: the default rules apply")
	case name != "":
		body.SetAttributeRaw("policy", text(name))
		w.result.Shared++
	default:
		w.forms[digest].write(body)
	}
}
