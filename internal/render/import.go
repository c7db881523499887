package render

import "io"

// Import is what import wrote, or printed.
type Import struct {
	Cluster string
	Files   []string
	// Datasources were declared, WithRules of them with rules of their own, and Shared of these through Policies.
	Datasources, WithRules, Shared, Policies int64
	DefaultRules, Printed                    bool
	// Again is how the next command begins, to be about the same ("coppice -C retention").
	Again string
	Left  []Left
	// NotRead is what could not be read: there may be more datasources.
	NotRead []string
}

// Left is a datasource, or "_default", that could not be declared.
type Left struct {
	Datasource string `json:"datasource"`
	Why        string `json:"why"`
}

// Imported says what was declared, and what was not and why. The error is the writer's.
func Imported(w io.Writer, i Import, o Options) error {
	s := newScreen(w, o)
	s.line(0, span{"coppice import · " + clean(i.Cluster), inkBold})
	if len(i.Files) == 0 {
		s.sentence(0, "Nothing to declare: what was looked at is declared already, or could not be.", "")
	} else {
		s.sentence(0, i.declared(), "")
	}
	for n, l := range i.Left {
		if n == shownGaps && !o.Verbose {
			s.sentence(0, "and "+count(int64(len(i.Left)-shownGaps))+" more; --json lists them", "")
			break
		}
		s.sentence(0, "Not declared: "+clean(l.Datasource)+": "+clean(l.Why)+". Its rules stay as they are.", "")
	}
	for n, text := range i.NotRead {
		if n == shownGaps && !o.Verbose {
			s.sentence(0, "and "+count(int64(len(i.NotRead)-shownGaps))+" more; --json lists them", "")
			break
		}
		s.inked(0, span{"Not read, so that datasources may be missing: " + clean(text), inkWarning}, "")
	}
	if len(i.Files) > 0 && !i.Printed {
		s.sentence(0, "Next: "+clean(i.Again)+" plan, which has no changes now; then say what may be deleted, with kill blocks.", "")
	}
	return s.flush()
}

// declared is one sentence on what was written where.
func (i *Import) declared() string {
	text := counted(i.Datasources, "datasource") + " declared"
	if i.WithRules > 0 {
		text += ", " + count(i.WithRules) + " with rules of their own"
	}
	if i.Policies > 0 {
		text += " (" + count(i.Shared) + " through " + policies(i.Policies) + ")"
	}
	if i.DefaultRules {
		text += ", and the default rules"
	}
	if i.Printed {
		return text + "."
	}
	to := clean(i.Files[0])
	if n := len(i.Files); n > 1 {
		to += " to " + clean(i.Files[n-1])
	}
	return text + ": " + to + "."
}

func policies(n int64) string {
	if n == 1 {
		return "1 policy"
	}
	return count(n) + " policies"
}
