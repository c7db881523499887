package render

import (
	"bytes"
	"strings"
	"testing"

	"coppice/internal/plan"

	"pgregory.net/rapid"
)

func marked(t interface{ Fatal(...any) }, p *plan.Plan, limit int) string {
	var b bytes.Buffer
	if err := Markdown(&b, p, limit); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMarkdown(t *testing.T) {
	golden(t, "markdown-story", []byte(marked(t, storyPlan(t), CommentBytes)))
	golden(t, "markdown-quiet", []byte(marked(t, quietPlan(t), CommentBytes)))
	golden(t, "markdown-stopped", []byte(marked(t, stoppedPlan(t), CommentBytes)))
	golden(t, "markdown-cut", []byte(marked(t, storyPlan(t), 3000)))
}

// What stands above the fold is the same however little room there is; what is folded never makes the comment too long.
func TestMarkdownCutsDetailOnly(t *testing.T) {
	p := storyPlan(t)
	whole := marked(t, p, CommentBytes)
	summary, _, _ := strings.Cut(whole, "<details>")
	for limit := 0; limit < len(whole)+100; limit += 97 {
		got := marked(t, p, limit)
		if !strings.HasPrefix(got, strings.TrimRight(summary, "\n")) {
			t.Fatalf("limit %d cuts the summary:\n%s", limit, got)
		}
		if least := len(marked(t, p, 0)); len(got) > max(limit, least) {
			t.Fatalf("limit %d: %d bytes", limit, len(got))
		}
		if strings.Count(got, "<details>") != strings.Count(got, "</details>") {
			t.Fatalf("limit %d: a fold is not closed", limit)
		}
	}
}

// Names come from the cluster, and anybody can choose them: nothing in one leaves its place in the comment.
func TestMarkdownHostileNames(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.StringOfN(rapid.SampledFrom([]rune("a|`<>*_[]()!@#&\\\n-~ ")), 1, 40, -1).Draw(r, "name")
		p := storyPlan(t)
		for _, d := range p.Datasources {
			d.Name = name
		}
		p.Cluster.Name = name
		for n := range p.Findings {
			p.Findings[n].Datasource = &name
			p.Findings[n].Summary = name
		}
		got := marked(r, p, CommentBytes)
		if len(got) > CommentBytes {
			r.Fatalf("%d bytes", len(got))
		}
		if marker, _, _ := strings.Cut(got, "\n"); strings.Count(marker, "-->") != 1 { // further down it ends nothing
			r.Fatalf("the name ends the marker:\n%s", got)
		}
		rows := 0
		for line := range strings.SplitSeq(got, "\n") {
			if strings.HasPrefix(line, "| ") {
				rows++
				if bars := strings.Count(line, "|") - strings.Count(line, `\|`); bars != 6 {
					r.Fatalf("a row of %d bars: %s", bars, line)
				}
			}
		}
		if rows < 3 {
			r.Fatalf("%d rows of totals", rows)
		}
	})
}

func TestMarker(t *testing.T) {
	for name, want := range map[string]string{"prod": "prod", "a-b": "a-b", "--->": "- --&gt;", "-->": "- -&gt;", "--!>": "- -!&gt;"} {
		if got := marker(name); got != want {
			t.Errorf("marker(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestCodeSpans(t *testing.T) {
	for text, want := range map[string]string{"a": "`a`", "a`b": "``a`b``", "`": "`` ` ``", "x|y": "`x\\|y`", "``a": "``` ``a ```"} {
		if got := code(text); got != want {
			t.Errorf("code(%q) = %q, want %q", text, got, want)
		}
	}
}
