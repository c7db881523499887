package render

import (
	"io"

	"coppice/internal/druid"
)

// Taken is a snapshot that was saved.
type Taken struct {
	File, Cluster         string
	At                    druid.Instant
	Redacted              bool
	Datasources, Segments int64
	Gaps                  []Gap
}

// Gap is what could not be read, of one datasource or, without its name, of the cluster.
type Gap struct {
	Datasource string `json:"datasource,omitempty"`
	What       string `json:"what"`
	Why        string `json:"why"`
}

// shownGaps is how many gaps are worded.
const shownGaps = 10

// Snapshot says what was saved and what is missing in it. The error is the writer's.
func Snapshot(w io.Writer, t Taken, o Options) error {
	s := newScreen(w, o)
	s.line(0, span{"coppice snapshot · " + clean(t.Cluster) + " · " + instantSeconds(t.At), inkBold})
	s.sentence(0, counted(t.Segments, "segment")+" of "+counted(t.Datasources, "datasource")+" saved to "+clean(t.File)+".", "")
	if t.Redacted {
		s.sentence(0, "Names of the cluster, of datasources, hosts, files, tasks and people were replaced. Names of tiers, intervals, "+
			"versions, sizes and times are as they were.", "")
	}
	for i, g := range t.Gaps {
		if i == shownGaps && !o.Verbose {
			s.sentence(0, "and "+count(int64(len(t.Gaps)-shownGaps))+" more; --json lists them", "")
			break
		}
		of := ""
		if g.Datasource != "" {
			of = clean(g.Datasource) + ": "
		}
		s.sentence(0, "Not read: "+of+clean(g.What)+": "+clean(g.Why), "")
	}
	if t.Redacted {
		s.sentence(0, "To plan from it, a configuration has to have the replaced names: cluster "+clean(t.Cluster)+", and its datasources.", "")
	} else {
		s.sentence(0, "To plan from it: coppice plan --snapshot "+clean(t.File), "")
	}
	return s.flush()
}
