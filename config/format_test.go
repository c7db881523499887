package config

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFormat(t *testing.T) {
	const text = "datasource   \"a\"   {\nretention{\n keep=\"P1Y\"   # a year\n    include_future =    true\n}\n\n\n# ü\n\tkill {\nsuperseded_after=\"P1D\"\n  task { }\n}\n}\nlocals {\n  a = [1,2,\n3]\n  b = <<-EOT\n      as   it is\n  EOT\n}"
	const want = "datasource \"a\" {\n  retention {\n    keep           = \"P1Y\" # a year\n    include_future = true\n  }\n\n\n  # ü\n  kill {\n    superseded_after = \"P1D\"\n    task {}\n  }\n}\nlocals {\n  a = [1, 2,\n  3]\n  b = <<-EOT\n      as   it is\n  EOT\n}\n"
	got, list := Format("a.hcl", []byte(text))
	if diff := cmp.Diff(want, string(got)); diff != "" || len(list) > 0 {
		t.Errorf("Format (-want +got)\n%s%s", diff, rendered(list))
	}
	if again, _ := Format("a.hcl", got); !bytes.Equal(again, got) {
		t.Errorf("formatted twice it changes again:\n%s", again)
	}
}

func TestFormatRefusesWhatItCannotRead(t *testing.T) {
	for text, code := range map[string]string{
		"a = \n": "syntax-error", "a = 1\na = 2\n": "duplicate-attribute", "\xff": "not-utf8", "a = " + strings.Repeat("[", 999): "too-deep",
	} {
		if got, list := Format("a.hcl", []byte(text)); got != nil || len(list) == 0 || list[0].Code != code || !list.HasErrors() {
			t.Errorf("%q: got %q, messages %v, want %s", text, got, list, code)
		}
	}
}

// What is formatted means the same, and is formatted already.
func FuzzFormat(f *testing.F) {
	for _, folder := range []string{"errors", "messages", "valid"} {
		seedFrom(f, folder)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, list := Format("a.hcl", []byte(text))
		if list.HasErrors() {
			return
		}
		again, list := Format("a.hcl", got)
		if list.HasErrors() {
			t.Fatalf("formatted it cannot be read: %s\n%q", rendered(list), got)
		}
		if !bytes.Equal(got, again) {
			t.Errorf("formatted twice it changes again (-once +twice):\n%s", cmp.Diff(string(got), string(again)))
		}
		before, problems := Load(directory(map[string]string{"a.hcl": text}), options)
		after, more := Load(directory(map[string]string{"a.hcl": string(got)}), options)
		if len(problems) != len(more) || before.Digest("") != after.Digest("") {
			t.Errorf("it means something else:\n%s\n%s", rendered(problems), rendered(more))
		}
	})
}
