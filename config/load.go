package config

import (
	"cmp"
	"io/fs"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty/function"

	"coppice/internal/diag"
)

// decoder carries one load through its steps.
type decoder struct {
	language *Block
	options  Options
	// functions are what expressions may call, scope the names that they may use at present.
	functions map[string]function.Function
	scope     *scope
	files     map[string][]byte
	sources   []source
	// broken are the places of syntax errors in all files.
	broken []diag.Range
	list   diag.List
	// blanks are places of secrets that were typed into files.
	blanks []hcl.Range
	// secret: what is evaluated at present is not to be shown.
	secret bool
	// elsewhere: what is read at present is about a cluster that will not be reached.
	elsewhere bool
	// damaged: what is not there may stand where a syntax error is.
	damaged bool
	// seen are the labelled blocks so far, by kind and name.
	seen map[[2]string]*section
	// orders remembers which of two periods is shorter.
	orders map[periodPair]periodOrder
}

// Load reads every file of the directory's root that ends in .hcl, policy tests (*.test.hcl) aside, in the order of
// their names. All mistakes are returned together and sorted. The configuration is never nil; with errors among the
// messages only its Files may be used, for showing lines.
func Load(fsys fs.FS, opts Options) (*Config, diag.List) {
	d := newDecoder(opts)
	config := d.configuration(fsys)
	return config, d.finish(config)
}

func newDecoder(opts Options) *decoder {
	d := &decoder{
		language: Language(), options: opts, functions: functionsWith(opts.Env),
		files: map[string][]byte{}, orders: map[periodPair]periodOrder{}, seen: map[[2]string]*section{},
	}
	d.scope = &scope{functions: d.functions, closed: "The values of variables are settled before everything else, from plain values."}
	return d
}

// configuration reads what is not a test.
func (d *decoder) configuration(fsys fs.FS) *Config {
	d.readFiles(fsys, func(name string) bool { return !isTest(name) })
	if len(d.files) == 0 && len(d.list) == 0 {
		d.add(noFiles)
	}
	return d.resolve(d.decode())
}

// isTest reports whether a file holds policy tests.
func isTest(name string) bool { return strings.HasSuffix(name, ".test.hcl") }

// finish is the end of every load: sources for showing, and messages in order.
func (d *decoder) finish(config *Config) diag.List {
	config.Files = d.shownFiles()
	d.dropFollowOns()
	d.list.Sort()
	return d.list
}

// add reports an error.
func (d *decoder) add(p diag.Diagnostic) {
	p.Severity = diag.Error
	d.list = append(d.list, p)
}

// warn reports what does not stop anything.
func (d *decoder) warn(p diag.Diagnostic) {
	p.Severity = diag.Warning
	d.list = append(d.list, p)
}

// decode reads all files as one body: what gives names their values first, then everything that may use the names.
func (d *decoder) decode() *section {
	for _, file := range d.sources {
		d.broken = append(d.broken, file.broken...)
	}
	d.damaged = len(d.broken) > 0 || len(d.sources) < len(d.files)
	values := d.readAll(func(b *hclsyntax.Block) bool { return settlesNames(b.Type) }, false)
	d.settleNames(values)
	root := d.readAll(func(b *hclsyntax.Block) bool { return !settlesNames(b.Type) }, true)
	d.refuseRepeats(root)
	return root
}

// settlesNames reports whether blocks of that name give names to values.
func settlesNames(block string) bool { return block == "variable" || block == "locals" }

// readAll reads some blocks of all files.
func (d *decoder) readAll(takes func(*hclsyntax.Block) bool, attributes bool) *section {
	root := &section{schema: d.language, damaged: d.damaged}
	for _, file := range d.sources {
		body := *file.body
		body.Blocks = nil
		for _, block := range file.body.Blocks {
			if takes(block) {
				body.Blocks = append(body.Blocks, block)
			}
		}
		if !attributes {
			body.Attributes = nil
		}
		part := &section{damaged: true} // what is required is a matter of the whole directory
		d.read(d.language, &body, part)
		root.sections = append(root.sections, part.sections...)
	}
	return root
}

// dropFollowOns leaves out what is said about the line of a syntax error besides the syntax error itself, and what is
// said twice about one place.
func (d *decoder) dropFollowOns() {
	type line struct {
		file string
		line int
	}
	broken := map[line]bool{}
	for _, r := range d.broken {
		broken[line{r.File, r.Line}] = true
	}
	seen := map[diag.Diagnostic]bool{}
	d.list = slices.DeleteFunc(d.list, func(p diag.Diagnostic) bool {
		follows := p.Code != "syntax-error" && broken[line{p.Range.File, p.Range.Line}]
		drop := follows || seen[p]
		seen[p] = true
		return drop
	})
}

// setting returns an attribute's value with its place.
func setting[T any](s *section, name string) (Setting[T], bool) {
	if s == nil {
		return Setting[T]{}, false
	}
	v, ok := s.values[name]
	if !ok {
		return Setting[T]{}, false
	}
	return Setting[T]{Value: v.data.(T), Range: v.at}, true
}

// layers are sections that say the same thing with falling authority: a datasource's, its policy's, the directory's.
type layers []*section

// pick returns the first layer's value that is written.
func pick[T any](l layers, name string) (Setting[T], bool) {
	for _, s := range l {
		if s != nil && s.has(name) {
			return setting[T](s, name)
		}
	}
	return Setting[T]{}, false
}

// pickOr is pick with the language's default, which has no place.
func pickOr[T any](l layers, schema *Block, name string) Setting[T] {
	if got, ok := pick[T](l, name); ok {
		return got
	}
	return Setting[T]{Value: schema.attribute(name).Default.(T)}
}

// optional is pick for what has no default; nil when nothing is written.
func optional[T any](l layers, name string) *Setting[T] {
	if got, ok := pick[T](l, name); ok {
		return &got
	}
	return nil
}

func (l layers) has(name string) bool {
	return slices.ContainsFunc(l, func(s *section) bool { return s != nil && s.has(name) })
}

// origin is that of the first layer there is; the zero range when there is none.
func (l layers) origin() diag.Range {
	for _, s := range l {
		if s != nil {
			return s.origin
		}
	}
	return diag.Range{}
}

// inner are the blocks of that name inside the layers, with the same authority.
func (l layers) inner(name string) layers {
	blocks := make(layers, len(l))
	for n, s := range l {
		blocks[n] = s.one(name)
	}
	return blocks
}

// byName sorts sections by their first label; equal ones stay in the order written.
func byName(sections []*section) []*section {
	return slices.SortedStableFunc(slices.Values(sections), func(a, b *section) int {
		return cmp.Compare(a.labels[0], b.labels[0])
	})
}
