package snapfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// ErrNotSnapshot: the file is something else.
var ErrNotSnapshot = errors.New("this is not a coppice snapshot")

// ownFormat is how the header begins that this version writes: what begins alike is of a format that it reads.
const ownFormat = `{"format":"` + format + `","format_version":"` + FormatVersion + `"`

// parseHeader reads the first line; a format that this version does not read is refused before anything else.
func parseHeader(line []byte) (*header, error) {
	h := &header{TakenAt: druid.NoInstant}
	if bytes.HasPrefix(line, []byte(ownFormat)) && json.Unmarshal(line, h) == nil {
		return h, h.check()
	}
	var first struct {
		Format        string `json:"format"`
		FormatVersion string `json:"format_version"`
	}
	if err := json.Unmarshal(line, &first); err != nil || first.Format != format {
		return nil, ErrNotSnapshot
	}
	own, _, _ := strings.Cut(FormatVersion, ".")
	if major, _, _ := strings.Cut(first.FormatVersion, "."); major != own {
		return nil, fmt.Errorf("the snapshot has format %q, and this coppice reads %s.x: use the version that wrote it, or a newer one",
			first.FormatVersion, own)
	}
	h = &header{TakenAt: druid.NoInstant}
	if err := json.Unmarshal(line, h); err != nil {
		return nil, fmt.Errorf("bad header: %w", err)
	}
	return h, h.check()
}

// check refuses what no writer writes, and what reading would trip over.
func (h *header) check() error {
	if !h.TakenAt.Known() {
		return errors.New("bad header: taken_at is missing")
	}
	for i, d := range h.Datasources {
		switch {
		case d.Name == "":
			return errors.New("bad header: a datasource has no name")
		case i > 0 && h.Datasources[i-1].Name >= d.Name:
			return fmt.Errorf("bad header: the datasources %q and %q are not in order", h.Datasources[i-1].Name, d.Name)
		case d.Segments < 0:
			return fmt.Errorf("bad header: %q has %d segments", d.Name, d.Segments)
		}
	}
	return nil
}

// cluster is the snapshot without its segments.
func (h *header) cluster() *snapshot.Cluster {
	c := &snapshot.Cluster{TakenAt: h.TakenAt, Name: h.Cluster, Identity: h.Identity, DruidVersion: h.DruidVersion,
		Sources: snapshot.Sources(h.Sources), DefaultRules: h.DefaultRules.rules(), Gaps: seenGaps(h.Gaps)}
	if h.Tiers != nil {
		c.Tiers, c.TiersKnown = *h.Tiers, true
	}
	if d := h.Duties; d != nil {
		c.Duties = &snapshot.Duties{LastRunStart: known(d.LastRunStart), LastRunEnd: known(d.LastRunEnd), Stopped: d.Stopped,
			Frozen: d.Frozen, Detail: d.Detail}
	}
	if a := h.AutoKill; a != nil {
		c.AutoKill = &snapshot.AutoKill{Coordinator: snapshot.Killer(a.Coordinator), Overlord: snapshot.Killer(a.Overlord)}
	}
	for i := range h.Datasources {
		c.Datasources = append(c.Datasources, h.Datasources[i].datasource())
	}
	return c
}

func (d *datasource) datasource() *snapshot.Datasource {
	out := &snapshot.Datasource{Name: d.Name, Rules: d.Rules.rules(), UnusedKnown: d.UnusedKnown, BusyKnown: d.BusyKnown, Gaps: seenGaps(d.Gaps)}
	for _, b := range d.Busy {
		out.Busy = append(out.Busy, snapshot.Busy(b))
	}
	return out
}

func (r *rules) rules() snapshot.Rules {
	out := snapshot.Rules{Set: r.Set, Since: known(r.Since), LastAuthor: r.Author, LastComment: r.Comment, HistoryComplete: r.HistoryComplete}
	if r.List != nil {
		out.List = *r.List
	}
	for _, v := range r.History {
		one := snapshot.RuleVersion{Since: v.Since}
		if v.List != nil {
			one.List = *v.List
		}
		out.History = append(out.History, one)
	}
	return out
}

func seenGaps(gaps []gap) []snapshot.Gap {
	var out []snapshot.Gap
	for _, g := range gaps {
		one := snapshot.Gap{What: g.What, Why: g.Why}
		if g.Interval != nil {
			one.Interval = *g.Interval
		}
		out = append(out, one)
	}
	return out
}

// known is a moment that may be absent.
func known(t *druid.Instant) druid.Instant {
	if t == nil {
		return druid.NoInstant
	}
	return *t
}
