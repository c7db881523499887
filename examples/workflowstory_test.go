package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// want fails unless a text has all of these parts.
func want(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s does not have %q:\n%s", what, part, text)
		}
	}
}

// From a request to the night after: planned and shown twice in one comment, merged, applied as it was reviewed.
func TestWorkflowFromRequestToApply(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.on("pull_request", "merged-for-a-try")
	for _, push := range []string{"first", "second"} {
		r := h.run("plan")
		if r.code != 0 {
			t.Fatalf("%s plan: %s failed with %d: %s", push, r.failed, r.code, r.output)
		}
		want(t, "the summary", r.summary, "<!-- coppice plan try -->", "FOR GOOD")
		want(t, "the comment", h.read(filepath.Join(h.fake, "comment")), "<!-- coppice plan try -->\n", "FOR GOOD")
	}
	if names := h.artifacts(); !slices.Equal(names, []string{"coppice-plan-head1"}) {
		t.Errorf("artifacts: %v", names)
	}

	h.on("push", "merge1")
	r := h.run("apply")
	if r.code != 0 {
		t.Fatalf("apply: %s failed with %d: %s", r.failed, r.code, r.output)
	}
	want(t, "the summary", r.summary, "FOREVER", "All of the plan is done.")
	if names := h.artifacts(); !slices.Equal(names, []string{"coppice-journal-1", "coppice-plan-head1"}) {
		t.Errorf("artifacts: %v", names)
	}
	golden(t, "testdata/gh-calls.golden", strings.NewReplacer(h.temps...).Replace(h.read(filepath.Join(h.fake, "calls"))))

	h.check(os.RemoveAll(filepath.Join(h.repository, ".coppice")))
	h.on("schedule", "merge1")
	if r = h.run("drift"); r.code != 0 {
		t.Fatalf("drift: %s failed with %d: %s", r.failed, r.code, r.output)
	}
	want(t, "the summary", r.summary, "Nothing is deleted for good")
	if _, err := os.Stat(filepath.Join(h.repository, ".coppice")); err != nil {
		t.Errorf("the journal was not handed on: %v", err)
	}
}

// What was not reviewed as it is now is not applied.
func TestWorkflowRefusesOtherPlans(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.on("push", "pushed-without-a-request")
	r := h.run("apply")
	if r.code != 1 || r.failed != "Find the reviewed plan" || !strings.Contains(r.output, "::error::No plan was reviewed for pushed-without-a-request") {
		t.Errorf("%s ended with %d: %s", r.failed, r.code, r.output)
	}
	h.on("push", "merge0") // its plan was blocked, or its run is gone
	if r = h.run("apply"); r.code != 1 || !strings.Contains(r.output, "::error::No plan was reviewed for merge0") {
		t.Errorf("%s ended with %d: %s", r.failed, r.code, r.output)
	}

	h.on("pull_request", "merged-for-a-try")
	if r = h.run("plan"); r.code != 0 {
		t.Fatalf("plan: %d: %s", r.code, r.output)
	}
	h.edit("P45D", "P44D")
	h.on("push", "merge1")
	r = h.run("apply")
	if r.code != 4 || r.failed != "Apply" || !strings.Contains(r.output, "the configuration has changed since the plan was made") {
		t.Errorf("%s ended with %d: %s", r.failed, r.code, r.output)
	}

	// By hand: a new plan of main, and exactly that one.
	h.on("workflow_dispatch", "merge2")
	if r = h.run("plan"); r.code != 0 {
		t.Fatalf("plan: %d: %s", r.code, r.output)
	}
	if r = h.run("apply"); r.code != 0 || !strings.Contains(r.summary, "All of the plan is done.") {
		t.Errorf("%s ended with %d: %s", r.failed, r.code, r.output)
	}
}

// A blocked plan is shown and fails, a mistake in a file fails before that, another program than the one named is not run.
func TestWorkflowFailures(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.on("schedule", "main")
	r := h.run("drift")
	if r.code != 2 || !strings.Contains(r.output, "::error::The cluster is not as declared, or something is due") || !strings.Contains(r.summary, "FOR GOOD") {
		t.Errorf("drift: %s ended with %d: %s", r.failed, r.code, r.output)
	}

	h.edit("P45D", "P10D")
	h.on("pull_request", "merged-for-a-try")
	r = h.run("plan")
	if r.code != 3 || r.failed != "Blocked?" || !strings.Contains(h.read(filepath.Join(h.fake, "comment")), "guard-max-unused-percent") ||
		!strings.Contains(r.output, "::error file=coppice.hcl,line=10,col=1,title=guard-max-unused-percent::") {
		t.Errorf("%s ended with %d: %s", r.failed, r.code, r.output)
	}
	h.edit("P10D", "10 days")
	r = h.run("plan")
	if r.code != 78 || r.failed != "Check" || !strings.Contains(r.output, "::error file=coppice.hcl,line=12,") {
		t.Errorf("%s ended with %d: %s", r.failed, r.code, r.output)
	}
	h.expressions["vars.COPPICE_SHA256"] = strings.Repeat("0", 64)
	if r = h.run("plan"); r.code == 0 || r.failed != "Get coppice" {
		t.Errorf("%s ended with %d: %s", r.failed, r.code, r.output)
	}
}

// edit changes a text of the configuration that occurs once.
func (h *hub) edit(old, now string) {
	h.t.Helper()
	path := filepath.Join(h.repository, "coppice.hcl")
	text := h.read(path)
	if strings.Count(text, `"`+old+`"`) != 1 {
		h.t.Fatalf("%q is not in the configuration once", old)
	}
	h.check(os.WriteFile(path, []byte(strings.Replace(text, old, now, 1)), 0o600))
}

var jqProgram = regexp.MustCompile(`--jq '([^']+)'`)

// The stub does not filter what GitHub answers; jq itself does here, where it is installed.
func TestWorkflowFilters(t *testing.T) {
	answers := map[string]string{
		".[] | select": `[{"id":1,"user":{"type":"User"},"body":"<!-- coppice plan try -->"},
			{"id":7,"user":{"type":"Bot"},"body":"<!-- coppice plan try -->\nrest"}]`,
		".[] | \"":       `[{"merge_commit_sha":"merge1","head":{"sha":"head1"}}]`,
		".[].databaseId": `[{"databaseId":41}]`,
	}
	wanted := map[string]string{".[] | select": "7 <!-- coppice plan try -->\n", ".[] | \"": "merge1 head1\n", ".[].databaseId": "41\n"}
	needs(t, "jq")
	found := jqProgram.FindAllStringSubmatch(Workflow, -1)
	if len(found) != len(answers) {
		t.Fatalf("the workflow has %d filters, not %d", len(found), len(answers))
	}
	for _, one := range found {
		for start, answer := range answers {
			if !strings.HasPrefix(one[1], start) {
				continue
			}
			cmd := exec.CommandContext(t.Context(), "jq", "-r", one[1])
			cmd.Stdin = strings.NewReader(answer)
			if out, err := cmd.Output(); err != nil || string(out) != wanted[start] {
				t.Errorf("%s: %q, %v", one[1], out, err)
			}
		}
	}
}
