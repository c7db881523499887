package config

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// codes are the messages of a load as file:line: code.
func codes(fsys fs.FS) []string {
	var got []string
	_, list := Load(fsys, options)
	for _, p := range list {
		got = append(got, fmt.Sprintf("%s:%d: %s", p.Range.File, p.Range.Line, p.Code))
	}
	return got
}

func TestLoadReadsTheFilesOfTheRoot(t *testing.T) {
	cases := []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"no file at all", nil, []string{":0: no-configuration"}},
		{"only other files", map[string]string{"a.txt": "x", "b.test.hcl": "x", "sub/c.hcl": "x"}, []string{":0: no-configuration"}},
		{"policy tests are left alone", map[string]string{"a.hcl": "", "a.test.hcl": "test {"}, nil},
		{"folders are left alone", map[string]string{"a.hcl": "", "sub/c.hcl": "x ="}, nil},
		{"a folder named like a file", map[string]string{"a.hcl": "", "b.hcl/c.txt": ""}, nil},
		{"an empty file", map[string]string{"a.hcl": ""}, nil},
		{"a byte order mark", map[string]string{"a.hcl": "\xef\xbb\xbfdatasource \"a\" {\n}\n"}, nil},
		{"UTF-16", map[string]string{"a.hcl": "\xff\xfed\x00"}, []string{"a.hcl:1: not-utf8"}},
		{"latin 1", map[string]string{"a.hcl": "# gr\u00fc\xdf\n", "b.hcl": "x = 1\n"}, []string{"a.hcl:1: not-utf8", "b.hcl:1: unknown-attribute"}},
		{"a character that is no mistake", map[string]string{"a.hcl": "# \ufffd\n"}, nil},
		{"too large", map[string]string{"a.hcl": strings.Repeat("#\n", maxFileBytes/2+1)}, []string{"a.hcl:1: file-too-large"}},
		{"brackets", map[string]string{"a.hcl": "x = " + strings.Repeat("[", 100_000)}, []string{"a.hcl:1: too-deep"}},
		{"signs", map[string]string{"a.hcl": "x = " + strings.Repeat("!", 300_000) + "true"}, []string{"a.hcl:1: too-deep"}},
		{"sums", map[string]string{"a.hcl": "x = 1" + strings.Repeat("+1", 300_000)}, []string{"a.hcl:1: too-deep"}},
		{"blocks", map[string]string{"a.hcl": strings.Repeat("x {\n", 100_000)}, []string{"a.hcl:201: too-deep"}},
		{"many shallow blocks", map[string]string{"a.hcl": "default_rules {\n" + strings.Repeat("  drop {\n    forever = true\n  }\n", 2000) + "}\n"}, nil},
		{
			"two files, one datasource",
			map[string]string{"b.hcl": "datasource \"x\" {\n}\n", "a.hcl": "\ndatasource \"x\" {\n}\n"},
			[]string{"b.hcl:1: duplicate-datasource"},
		},
		{
			"two files, two default lists",
			map[string]string{"b.hcl": "default_rules {\n load {\n forever = true\n}\n}\n", "a.hcl": "default_rules {\n drop {\n forever = true\n}\n}\n"},
			[]string{"b.hcl:1: duplicate-block"},
		},
		{
			"a policy that a syntax error may hide",
			map[string]string{"a.hcl": "datasource \"x\" {\n  policy = \"web\"\n}\n", "b.hcl": "policy \"web {\n}\n"},
			[]string{"b.hcl:1: syntax-error"},
		},
		{
			"a window that a syntax error may hide",
			map[string]string{"a.hcl": "datasource \"x\" {\n  guard {\n    budget {\n      max_bytes = \"1TB\"\n    }\n  }\n}\n", "b.hcl": "guard {\n  budget {\n    window =\n  }\n}\n"},
			[]string{"b.hcl:3: syntax-error"},
		},
		{
			"a claim that a syntax error may hide",
			map[string]string{"a.hcl": "removal \"x\" {\n  datasource = \"a\"\n  reason = \"x\"\n  interval = \"2024/2025\" tombstones = true\n}\n"},
			[]string{"a.hcl:4: syntax-error"},
		},
		{
			"an interval that a syntax error may hide",
			map[string]string{"a.hcl": "removal \"x\" {\n  datasource = \"a\"\n  reason = \"x\"\n  tombstones = true interval = \"2024/2025\"\n}\n"},
			[]string{"a.hcl:4: syntax-error"},
		},
		{
			"two files, one hold",
			map[string]string{"b.hcl": "hold \"x\" {\n  datasources = [\"a\"]\n  reason = \"b\"\n}\n", "a.hcl": "hold \"x\" {\n  datasources = [\"a\"]\n  reason = \"a\"\n}\n"},
			[]string{"b.hcl:1: duplicate-hold"},
		},
		{
			"a syntax error hides no other mistake",
			map[string]string{"a.hcl": "datasource \"x\" {\n  kill {\n    expired_after =\n  }\n  retention {\n    keep = 3\n  }\n}\n"},
			[]string{"a.hcl:3: syntax-error", "a.hcl:6: wrong-type"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, codes(directory(c.files))); diff != "" {
				t.Errorf("Load: messages (-want +got):\n%s", diff)
			}
		})
	}
}

// What a function says about its argument can quote it.
func TestDetailsOfExpressionsWithSecretsAreLeftOut(t *testing.T) {
	for _, expr := range []string{
		`tonumber(env("SECRET"))`, `jsondecode(env("SECRET"))`, `{ a = 1 }[env("SECRET")]`, `format("%d", env("SECRET"))`,
		`format(env("PERCENT"))`, `env("SECRET") + 1`, `[1][env("SECRET")]`, `env(env("SECRET"))`,
	} {
		t.Run(expr, func(t *testing.T) {
			text := "datasource \"x\" {\n  restore = " + expr + "\n}\n"
			_, list := Load(directory(map[string]string{"a.hcl": text}), options)
			if len(list) != 1 || list[0].Code != "bad-expression" || !strings.Contains(list[0].Detail, "Details are left out") {
				t.Errorf("messages:\n%s", rendered(list))
			}
		})
	}
}

func TestTypedSecretsAreCoveredInSources(t *testing.T) {
	const text = `# ü
cluster "prod" {
  coordinator = "https://anna:hunter2-hunter2@router"
  overlord    = "https://overlord"
  metadata {
    dsn = "host=db password=hunter2-hunter2ü"
  }
  auth {
    username = env("USER_NAME", "hunter2-hunter2")
    password = <<-EOT
      hunter2-hunter2
    EOT
  }
}
`
	const want = `# ü
cluster "prod" {
  coordinator = "***********************************"
  overlord    = "https://overlord"
  metadata {
    dsn = "*********************************"
  }
  auth {
    username = env("USER_NAME", "***************")
    password = <<-EOT
      ***************
    EOT
  }
}
`
	config, _ := Load(directory(map[string]string{"a.hcl": text}), options)
	if diff := cmp.Diff(want, string(config.Files["a.hcl"])); diff != "" {
		t.Errorf("Files (-want +got):\n%s", diff)
	}
}

// brokenFS fails where it is told to.
type brokenFS struct {
	fstest.MapFS
	open string
}

var errBroken = errors.New("permission denied")

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == b.open {
		return nil, &fs.PathError{Op: "open", Path: "/home/anna/" + name, Err: errBroken}
	}
	return b.MapFS.Open(name)
}

func (b brokenFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if b.open == "." {
		return nil, &fs.PathError{Op: "open", Path: "/home/anna", Err: errBroken}
	}
	return b.MapFS.ReadDir(name)
}

func (b brokenFS) ReadFile(name string) ([]byte, error) {
	if name == b.open {
		return nil, &fs.PathError{Op: "open", Path: "/home/anna/" + name, Err: errBroken}
	}
	return b.MapFS.ReadFile(name)
}

func TestLoadReportsWhatCannotBeRead(t *testing.T) {
	files := directory(map[string]string{"a.hcl": "x = 1\n", "b.hcl": "x = 1\n"})
	cases := []struct {
		name, open string
		want       []string
	}{
		{"directory", ".", []string{":0: unreadable-directory"}},
		{"one file of two", "a.hcl", []string{"a.hcl:1: unreadable-file", "b.hcl:1: unknown-attribute"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fsys := brokenFS{files, c.open}
			if diff := cmp.Diff(c.want, codes(fsys)); diff != "" {
				t.Errorf("Load: messages (-want +got):\n%s", diff)
			}
			_, list := Load(fsys, options)
			if text := rendered(list); strings.Contains(text, "/home/anna") || !strings.Contains(text, errBroken.Error()) {
				t.Errorf("message names the machine's path, or not the reason:\n%s", text)
			}
		})
	}
}

func TestLoadKeepsSourcesForMessages(t *testing.T) {
	config, list := Load(directory(map[string]string{"a.hcl": "x = 1\n"}), options)
	if !list.HasErrors() || string(config.Files["a.hcl"]) != "x = 1\n" {
		t.Errorf("Load: Files = %q, want the source also with errors", config.Files)
	}
}

func FuzzLoad(f *testing.F) {
	for _, folder := range []string{"errors", "messages", "valid"} {
		seedFrom(f, folder)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fsys := directory(map[string]string{"a.hcl": text})
		config, list := Load(fsys, options)
		for _, p := range list {
			if p.Code == "" || p.Summary == "" || !p.Range.Known() {
				t.Errorf("message without code, summary or place: %+v", p)
			}
		}
		if len(list) == 0 {
			soundDeletions(t, config)
		}
		for _, name := range []string{"", "prod"} {
			if len(config.Digest(name)) != 64 {
				t.Errorf("Digest(%q) is no SHA-256", name)
			}
		}
		for _, d := range config.Datasources {
			if d.Rules != nil && len(d.Rules.List) != len(d.Rules.Sources) {
				t.Errorf("%d rules, %d places", len(d.Rules.List), len(d.Rules.Sources))
			}
		}
	})
}

// soundDeletions is what a configuration without errors promises about what holds and deletes.
func soundDeletions(t *testing.T, config *Config) {
	for _, h := range config.Holds {
		if h.Name == "" || len(h.Datasources) == 0 || h.Reason == "" || h.Interval != nil && h.Interval.Empty() {
			t.Errorf("hold %+v", h)
		}
	}
	for _, r := range config.Removals {
		ways := 0
		for _, claims := range []bool{r.Before != nil, r.Versions != nil, r.SegmentIDs != nil, r.Tombstones} {
			if claims {
				ways++
			}
		}
		if ways != 1 || r.Datasource == "" || r.Reason == "" || r.Interval == nil && r.SegmentIDs == nil {
			t.Errorf("removal %+v", r)
		}
		for _, id := range r.SegmentIDs {
			if id.DataSource != r.Datasource || r.Interval != nil && !r.Interval.Contains(id.Interval) {
				t.Errorf("removal of %s in %v names %+v", r.Datasource, r.Interval, id)
			}
		}
	}
	for _, d := range slices.Concat(config.Datasources, config.Families, []*Datasource{{Guard: config.Guard}}) {
		if b := d.Guard.Budget; b != nil && (b.Window.Value.Zero() || b.MaxSegments == nil && b.MaxBytes == nil) {
			t.Errorf("budget of %s: %+v", d.Name, b)
		}
	}
	for _, d := range config.Families {
		if !isPattern(d.Name) || config.For("_default") != nil {
			t.Errorf("family %q", d.Name)
		}
	}
}

// TestFileThatIsNoText: what has a mistake at each byte has some of them shown, and is read in no time.
func TestFileThatIsNoText(t *testing.T) {
	_, list := Load(fstest.MapFS{"z.hcl": {Data: make([]byte, 100_000)}}, Options{})
	if len(list) != maxSyntaxErrors+1 || list[maxSyntaxErrors].Summary != "More syntax errors from here on" || list[maxSyntaxErrors].Range.Column != maxSyntaxErrors+1 {
		t.Errorf("%d messages", len(list))
	}
}
