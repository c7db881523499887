package examples

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// workflow is what is needed of a workflow to run its steps as GitHub's runner does.
type workflow struct {
	Env  map[string]string
	Jobs map[string]struct {
		If    string
		Env   map[string]string
		Steps []step
	}
}

type step struct {
	Name, ID, If, Uses, Shell, Run string
	Env                            map[string]string
	With                           map[string]string
}

// parsedWorkflow is the workflow that init copies.
func parsedWorkflow(t *testing.T) (w workflow) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(Workflow), &w); err != nil {
		t.Fatal(err)
	}
	if len(w.Jobs) != 3 {
		t.Fatalf("the workflow has %d jobs", len(w.Jobs))
	}
	return w
}

var pinned = regexp.MustCompile(`^actions/[a-z/-]+@[0-9a-f]{40}$`)

// What GitHub writes into expressions may be anybody's text, so none stands in a script; actions are pinned by their hash;
// what several jobs do is the same everywhere.
func TestWorkflowIsSafe(t *testing.T) {
	byName := map[string]step{}
	for job, j := range parsedWorkflow(t).Jobs {
		for _, s := range j.Steps {
			switch {
			case s.Uses != "" && !pinned.MatchString(s.Uses):
				t.Errorf("%s: %s is not pinned by a hash", job, s.Uses)
			case s.Run != "" && (strings.Contains(s.Run, "${{") || s.Shell != "bash"):
				t.Errorf("%s: %s has an expression in its script, or another shell than bash", job, s.Name)
			}
			if other, ok := byName[s.Name]; ok && s.Name != "" && (other.Run != s.Run || other.Uses != s.Uses || !maps.Equal(other.With, s.With)) {
				t.Errorf("%s: %s is not what it is in another job", job, s.Name)
			}
			byName[s.Name] = s
		}
	}
}

// hub stands for GitHub: a checked-out repository, its caches and artifacts, and the comments on a request.
type hub struct {
	t *testing.T
	// repository is where the configuration is; fake is the folder of what GitHub keeps.
	repository, fake string
	expressions      map[string]string
	environment      map[string]string
	// temps are the temporary folders of the runs, each followed by what stands for it.
	temps []string
}

func newHub(t *testing.T) *hub {
	needs(t, "bash", "curl", "sha256sum")
	h := &hub{t: t, repository: t.TempDir(), fake: t.TempDir()}
	text, err := os.ReadFile("quickstart/coppice.hcl")
	h.check(err)
	h.check(os.WriteFile(filepath.Join(h.repository, "coppice.hcl"), text, 0o600))
	h.check(os.WriteFile(filepath.Join(h.fake, "pulls"), []byte("merge0 head0\nmerge1 head1\n"), 0o600))
	sum, err := exec.CommandContext(t.Context(), "sha256sum", program).Output()
	h.check(err)
	h.expressions = map[string]string{
		"vars.COPPICE_URL": "file://" + program, "vars.COPPICE_SHA256": strings.Fields(string(sum))[0], "vars.COPPICE_COORDINATOR": "",
		"secrets.COPPICE_METADATA_DSN": "", "secrets.DRUID_PASSWORD": "", "github.token": "token", "env.DIRECTORY": ".",
		"github.run_attempt": "1",
	}
	return h
}

func (h *hub) check(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// on is what happened: a push to a request whose last commit is head1, its merge as merge1, or something on main.
func (h *hub) on(event, commit string) {
	h.environment = map[string]string{"GITHUB_EVENT_NAME": event, "GITHUB_SHA": commit, "GITHUB_RUN_ID": "50", "GITHUB_REPOSITORY": "o/r"}
	maps.Copy(h.expressions, map[string]string{"github.event.pull_request.number": "", "github.run_id": "50",
		"github.event.pull_request.head.sha || github.sha": commit, "github.event_name == 'pull_request'": "false", "always()": "true"})
	if event == "pull_request" {
		maps.Copy(h.expressions, map[string]string{"github.event.pull_request.number": "12",
			"github.event.pull_request.head.sha || github.sha": "head1", "github.event_name == 'pull_request'": "true"})
	}
}

// ran is what a job did: its outputs, its summary, and the exit code of the step that failed.
type ran struct {
	output, summary, failed string
	code                    int
}

// run does the steps of a job until one fails, in a fresh temporary folder.
func (h *hub) run(job string) ran {
	h.t.Helper()
	temp := h.t.TempDir()
	h.expressions["runner.temp"], h.temps = temp, append(h.temps, temp, "TEMP")
	env := map[string]string{"RUNNER_TEMP": temp, "FAKE": h.fake, "HOME": temp, "COLUMNS": "100", "COPPICE_AUTHOR": "tester"}
	maps.Copy(env, h.environment)
	for _, file := range []string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"} {
		env[file] = filepath.Join(temp, file)
		h.check(os.WriteFile(env[file], nil, 0o600))
	}
	w, r := parsedWorkflow(h.t), ran{}
	h.setAll(env, w.Env)
	for _, s := range w.Jobs[job].Steps {
		if s.If != "" && h.expand("${{ "+s.If+" }}") != "true" || r.code != 0 && s.If != "always()" {
			continue
		}
		h.step(s, maps.Clone(env), &r)
		if outputs := h.read(env["GITHUB_OUTPUT"]); s.ID != "" {
			for line := range strings.Lines(outputs) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
				h.expressions["steps."+s.ID+".outputs."+name] = value
			}
		}
	}
	r.summary = h.read(env["GITHUB_STEP_SUMMARY"])
	return r
}

// step does one step: a script as the runner starts it, or an action of the few that are known.
func (h *hub) step(s step, env map[string]string, r *ran) {
	h.t.Helper()
	if s.Run == "" {
		h.action(s)
		return
	}
	h.setAll(env, s.Env)
	stub, err := filepath.Abs("testdata")
	h.check(err)
	env["PATH"] = strings.Join([]string{stub, strings.TrimSpace(h.read(env["GITHUB_PATH"])), os.Getenv("PATH")}, ":")
	script := filepath.Join(env["RUNNER_TEMP"], "script.sh")
	h.check(os.WriteFile(script, []byte(s.Run), 0o600))
	cmd := exec.CommandContext(h.t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", script)
	cmd.Dir = h.repository
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	r.output += string(out)
	if err != nil {
		r.code, r.failed = cmd.ProcessState.ExitCode(), s.Name
	}
}

// action does what an action of the workflow does with files.
func (h *hub) action(s step) {
	h.t.Helper()
	name, _, _ := strings.Cut(s.Uses, "@")
	from, to := filepath.Join(h.repository, ".coppice"), filepath.Join(h.fake, "cache")
	switch name {
	case "actions/checkout":
		return
	case "actions/cache/restore":
		from, to = to, from
	case "actions/upload-artifact":
		from, to = h.expand(s.With["path"]), filepath.Join(h.fake, "artifacts", h.expand(s.With["name"]))
	}
	if !filepath.IsAbs(from) {
		from = filepath.Join(h.repository, from)
	}
	if _, err := os.Stat(from); err != nil {
		return
	}
	h.check(os.RemoveAll(to))
	h.check(os.MkdirAll(to, 0o755))
	if info, _ := os.Stat(from); info.IsDir() {
		from += "/."
	}
	out, err := exec.CommandContext(h.t.Context(), "cp", "-r", from, to).CombinedOutput()
	if err != nil {
		h.t.Fatalf("%s: %s", s.Name, out)
	}
}

var expression = regexp.MustCompile(`\$\{\{ (.*?) \}\}`)

// expand puts values in the place of expressions, all of which must be known.
func (h *hub) expand(text string) string {
	h.t.Helper()
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		inside := expression.FindStringSubmatch(found)[1]
		value, ok := h.expressions[inside]
		if !ok {
			h.t.Fatalf("the expression %q is not known", inside)
		}
		return value
	})
}

func (h *hub) setAll(env, more map[string]string) {
	h.t.Helper()
	for name, text := range more {
		env[name] = h.expand(text)
	}
}

func (h *hub) read(path string) string {
	h.t.Helper()
	text, err := os.ReadFile(path)
	h.check(err)
	return string(text)
}

// artifacts are the names of what was kept.
func (h *hub) artifacts() (names []string) {
	entries, _ := os.ReadDir(filepath.Join(h.fake, "artifacts"))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return slices.Sorted(slices.Values(names))
}
