package config

import (
	"fmt"
	"strings"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

func (r *resolver) removal(s *section) Removal {
	r.plainName(s)
	datasource, exact := r.exactName(s)
	r.oneClaim(s)
	r.boundedClaim(s)
	versions, _ := setting[[]string](s, "versions")
	tombstones, _ := setting[bool](s, "tombstones")
	reason, _ := setting[string](s, "reason")
	removal := Removal{
		Name: s.labels[0], Origin: s.origin, Datasource: datasource,
		Interval: valueOf[druid.Interval](s, "interval"), Before: valueOf[druid.Instant](s, "before"),
		Versions: versions.Value, Tombstones: tombstones.Value,
		KillAfter: grace(layers{s}, s.schema, "kill_after"), Reason: reason.Value,
	}
	if exact {
		removal.SegmentIDs = r.segmentIDs(s, datasource, removal.Interval)
	}
	return removal
}

// exactName refuses patterns: a deletion names one datasource.
func (r *resolver) exactName(s *section) (string, bool) {
	name, ok := setting[string](s, "datasource")
	if !ok {
		return "", false
	}
	p := diag.Diagnostic{Range: name.Range, Hint: pasted(s.schema.attribute("datasource"))}
	switch why := badName(name.Value); {
	case why != "":
		p.Code, p.Summary = "bad-name", "Not a name of a datasource"
		p.Detail = "Found " + quote(name.Value) + ": " + why + "."
	case isPattern(name.Value):
		p.Code, p.Summary = "removal-pattern", "Removal names a pattern"
		p.Detail = "Found " + quote(name.Value) + "; a removal is about one datasource, by its exact name."
		p.Hint = "Write one removal for each datasource."
	default:
		return name.Value, true
	}
	r.add(p)
	return "", false
}

// claims are the attributes that say what a removal claims; exactly one is written.
var claims = []string{"before", "versions", "segment_ids", "tombstones"}

func (r *resolver) oneClaim(s *section) {
	var found []string
	for _, name := range claims {
		if s.has(name) {
			found = append(found, name)
		}
	}
	p := diag.Diagnostic{Range: s.origin}
	tombstones, written := setting[bool](s, "tombstones")
	switch {
	case len(found) > 1:
		p.Code, p.Summary = "removal-claims-conflict", "Removal claims in more than one way"
		p.Detail = fmt.Sprintf("Found %s; a removal has exactly one of %s.", list(found), list(claims))
		p.Hint = "Make one removal for each of them."
	case len(found) == 0 && !s.damaged:
		p.Code, p.Summary = "removal-claim-missing", "Removal says not what it claims"
		p.Detail = fmt.Sprintf("Expected exactly one of %s. Without it, data that is ingested again later would go too.", list(claims))
		p.Hint = pasted(s.schema.attribute("before"))
	case written && !tombstones.Value:
		p.Code, p.Range, p.Summary = "tombstones-false", tombstones.Range, "tombstones is false"
		p.Detail = fmt.Sprintf("A removal that claims nothing means nothing. Expected tombstones = true, or another one of %s.", list(claims))
		p.Hint = "Remove the block, or tombstones from it."
	default:
		return
	}
	r.add(p)
}

// boundedClaim requires an interval of all claims but those of exact segments.
func (r *resolver) boundedClaim(s *section) {
	if s.damaged || s.has("interval") || s.has("segment_ids") {
		return
	}
	r.missing(s, s.schema.attribute("interval"))
}

// segmentIDs reads the ids of the removal's datasource, all of which must lie in the interval, when there is one.
// Those that cannot be read are reported and left out.
func (r *resolver) segmentIDs(s *section, datasource string, interval *druid.Interval) []druid.SegmentID {
	texts, _ := setting[[]string](s, "segment_ids")
	var ids []druid.SegmentID
	places := map[druid.SegmentID]diag.Range{}
	for n, text := range texts.Value {
		at := s.itemRange("segment_ids", n)
		id, ok := r.segmentID(datasource, text, at)
		if !ok || r.repeatedID(places, id, at) || r.outside(id, interval, at) {
			continue
		}
		ids = append(ids, id)
	}
	return ids
}

func (r *resolver) segmentID(datasource, text string, at diag.Range) (druid.SegmentID, bool) {
	id, err := druid.ParseSegmentID(datasource, text)
	if err == nil {
		return id, true
	}
	p := diag.Diagnostic{
		Code: "bad-segment-id", Range: at, Summary: "Not a segment id of the datasource",
		Detail: fmt.Sprintf("Found %s: %s. Expected an id of %s as Druid prints it.",
			quote(text), reason(err, "segment id", text), quote(datasource)),
		Hint: fmt.Sprintf("segment_ids = [%q]", datasource+"_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_2024-05-06T10:00:00.000Z"),
	}
	if !strings.HasPrefix(text, datasource+"_") {
		p.Detail = fmt.Sprintf("Found %s; an id of %s begins with %s.", quote(text), quote(datasource), quote(datasource+"_"))
	}
	r.add(p)
	return id, false
}

func (r *resolver) repeatedID(places map[druid.SegmentID]diag.Range, id druid.SegmentID, at diag.Range) bool {
	earlier, repeated := places[id]
	if !repeated {
		places[id] = at
		return false
	}
	r.add(diag.Diagnostic{
		Code: "duplicate-item", Range: at, Summary: "Second item for one segment in segment_ids",
		Detail: fmt.Sprintf("It is the segment that is named at %s:%d already.", place(earlier), earlier.Column),
		Hint:   "Remove one of the two.",
	})
	return true
}

func (r *resolver) outside(id druid.SegmentID, interval *druid.Interval, at diag.Range) bool {
	if interval == nil || interval.Contains(id.Interval) {
		return false
	}
	r.add(diag.Diagnostic{
		Code: "segment-outside-interval", Range: at, Summary: "Segment does not lie in the removal's interval",
		Detail: fmt.Sprintf("The segment's interval is %s, and the removal is about %s only.", id.Interval, interval),
		Hint:   "Correct the id or the interval; segment_ids need no interval.",
	})
	return true
}
