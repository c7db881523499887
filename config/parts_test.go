package config

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coppice/internal/diag"
)

// loadWhole loads with every part of the language switched on, so that the tests do not depend on the switch.
func loadWhole(fsys fs.FS, opts Options) (*Config, diag.List) { return load(fsys, opts, language(nil)) }

// parts lists everything that can be switched off.
func parts() map[string]bool {
	off := map[string]bool{}
	for part := range refusals {
		off[part] = true
	}
	return off
}

// What is switched off is refused with its reason, in all places, and takes part in nothing.
func TestWithheldPartsAreRefused(t *testing.T) {
	for _, path := range inputs(t, "withheld") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text := read(t, path)
			config, list := load(directory(map[string]string{filepath.Base(path): text}), options, language(parts()))
			if diff := cmp.Diff(expectedIn(text), codesByLine(list)); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			golden(t, strings.TrimSuffix(path, ".hcl")+".txt", rendered(list))
			if len(config.Holds)+len(config.Removals) > 0 || config.Guard.Budget != nil || config.Guard.MaxFuture != nil {
				t.Errorf("settled in spite of the switch: %+v", config)
			}
		})
	}
}

// Every part has its own switch: it is taken when all others are off, and refused when it alone is.
func TestEveryPartHasItsOwnSwitch(t *testing.T) {
	cases := []struct{ part, text, code string }{
		{"hold", "hold \"a\" {\n  datasources = [\"a\"]\n  reason = \"r\"\n}\n", "unknown-block"},
		{"removal", "removal \"a\" {\n  datasource = \"a\"\n  interval = \"2024/2025\"\n  tombstones = true\n  reason = \"r\"\n}\n", "unknown-block"},
		{"families", "datasource \"a*\" {\n}\n", "datasource-pattern"},
		{"families", "datasource \"a*b\" {\n  except = [\"ab\"]\n}\n", "unknown-attribute datasource-pattern"},
		{"budget", "guard {\n  budget {\n    window = \"P1D\"\n    max_segments = 1\n  }\n}\n", "unknown-block"},
		{"budget", "policy \"p\" {\n  guard {\n    budget {\n      window = \"P1D\"\n      max_bytes = \"1KB\"\n    }\n  }\n}\n", "unknown-block"},
		{"max_future", "datasource \"a\" {\n  guard {\n    max_future = \"P1D\"\n  }\n}\n", "unknown-attribute"},
	}
	tested := map[string]bool{}
	for _, c := range cases {
		tested[c.part] = true
		t.Run(c.part, func(t *testing.T) {
			files := directory(map[string]string{"a.hcl": c.text})
			others := parts()
			delete(others, c.part)
			if _, list := load(files, options, language(others)); len(list) > 0 {
				t.Errorf("alone on: messages\n%s", rendered(list))
			}
			var got []string
			_, list := load(files, options, language(map[string]bool{c.part: true}))
			for _, p := range list {
				got = append(got, p.Code)
				if !strings.Contains(p.Detail, "not part of this version") {
					t.Errorf("alone off: detail %q", p.Detail)
				}
			}
			slices.Sort(got)
			if want := slices.Sorted(strings.FieldsSeq(c.code)); !slices.Equal(got, want) {
				t.Errorf("alone off: %v, want %v", got, want)
			}
		})
	}
	for part := range refusals {
		if !tested[part] {
			t.Errorf("part %s is not tested", part)
		}
	}
	for part := range unsupported {
		if _, known := refusals[part]; !known {
			t.Errorf("the switch names %q, and there is no such part", part)
		}
	}
}

// The switch says nothing about the rest of the language.
func TestTheSwitchChangesNothingElse(t *testing.T) {
	const text = small + "policy \"p\" {\n  guard {\n    max_kill_segments = 5\n  }\n}\n"
	want, _ := load(directory(map[string]string{"a.hcl": text}), options, language(nil))
	for _, off := range []map[string]bool{parts(), unsupported} {
		got, list := load(directory(map[string]string{"a.hcl": text}), options, language(off))
		if len(list) > 0 || got.Digest("") != want.Digest("") {
			t.Errorf("off %v: another digest, or messages:\n%s", off, rendered(list))
		}
	}
}
