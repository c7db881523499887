package snapfile

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// secretive is a snapshot in which everything that may not be shown holds the word "private".
func secretive(t *testing.T) *snapshot.Cluster {
	list := func(text string) druid.RuleList {
		l, err := druid.ParseRuleList([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	rules := snapshot.Rules{Set: true, LastAuthor: "private anna", LastComment: "private reasons", List: list(`[{"type":"loadByPeriod","period":"P1M","tieredReplicants":{"hot":2}}]`),
		History: []snapshot.RuleVersion{{Since: 5, List: list(`[{"type":"loadPartialByPeriod","projection":"private"}]`)}}}
	gaps := func() []snapshot.Gap {
		return []snapshot.Gap{{What: "segment row", Why: "private-wiki_x: private"}}
	}
	day := druid.Interval{Start: 0, End: 86400000}
	d := &snapshot.Datasource{Name: "private-wiki", Rules: rules, Versions: snapshot.VersionsOf("1970-01-01T00:00:00.000Z", "1971-01-01T00:00:00.000Z"),
		Shards: []druid.ShardSpec{{Kind: druid.ShardSingle, Start: `["private a"]`, End: `["private b"]`}},
		Roots:  []string{"private-wiki_1970-01-01T00:00:00.000Z_1970-01-02T00:00:00.000Z_1970-01-01T00:00:00.000Z", "private elsewhere"},
		Segments: []snapshot.Segment{
			{Interval: day, Version: 0, File: 0xabcdef0123456789, Flags: snapshot.Details, Bytes: 7, MarkedAt: 9},
			{Interval: day, Version: 0, Partition: 1, File: 0xabcdef0123456789, Flags: snapshot.Details, Root: 2},
			{Interval: day, Version: 1, Flags: snapshot.Details, Root: 1},
		},
		Busy: []snapshot.Busy{{Interval: day, Kind: "lock", By: "index_private-wiki_1"}}, Gaps: gaps()}
	c := &snapshot.Cluster{Name: "private-prod", Identity: "coordinator http://private.example:8081", DruidVersion: "33.0.0",
		Sources: snapshot.Sources{Disagree: "different rules (private-wiki)"}, Duties: &snapshot.Duties{Detail: "private"}, Gaps: gaps(),
		Tiers: []string{"hot"}, TiersKnown: true, DefaultRules: rules, Datasources: []*snapshot.Datasource{d, {Name: "other private"}},
		AutoKill: &snapshot.AutoKill{Coordinator: snapshot.Killer{On: true, Only: []string{"private-wiki", "other private"}}, Overlord: snapshot.Killer{Unknown: "private"}}}
	c.Finish()
	return c
}

func TestRedact(t *testing.T) {
	c := secretive(t)
	Redact(c, []byte("key"))
	text := written(t, c)
	for _, private := range []string{"private", "abcdef0123456789", "anna", "example"} {
		if strings.Contains(text, private) {
			t.Errorf("%q is still there:\n%s", private, text)
		}
	}
	if _, err := Read(strings.NewReader(text)); err != nil {
		t.Errorf("the file cannot be read: %v", err)
	}
	for _, kept := range []string{`"hot"`, "loadPartialByPeriod", "1970-01-02T00:00:00.000Z", "33.0.0", "segment row"} {
		if !strings.Contains(text, kept) {
			t.Errorf("%s is gone", kept)
		}
	}
	name := redactor("key").name("private-wiki")
	d := c.Find(name)
	if d == nil || len(d.Segments) != 3 {
		t.Fatalf("got %v, want a datasource %s", c.Datasources, name)
	}
	if d.Segments[0].File != d.Segments[1].File || d.Segments[2].File != snapshot.NoFile {
		t.Errorf("files %x, want that equal ones stay equal and none stays none", d.Segments)
	}
	if root := d.Roots[d.Segments[2].Root-1]; root != d.ID(&d.Segments[0]).String() {
		t.Errorf("the root %s is no longer the id of the first segment, %s", root, d.ID(&d.Segments[0]))
	}
	if only := c.AutoKill.Coordinator.Only; len(only) != 2 || only[0] >= only[1] || !c.AutoKill.Coordinator.Takes(name) {
		t.Errorf("the killer takes %v, want two sorted names, %s among them", only, name)
	}
}

// TestRedactDependsOnTheKey: equal names become equal words under one key, and nobody can look them up without it.
func TestRedactDependsOnTheKey(t *testing.T) {
	texts := map[string]bool{}
	for _, key := range []string{"one", "one", "two"} {
		c := secretive(t)
		Redact(c, []byte(key))
		texts[written(t, c)] = true
	}
	if len(texts) != 2 {
		t.Errorf("got %d different files of two keys", len(texts))
	}
	var b bytes.Buffer
	fmt.Fprint(&b, redactor("k").word("task", "a"), redactor("k").word("datasource", "a"))
	if first, second, _ := strings.Cut(b.String(), "datasource-"); strings.TrimPrefix(first, "task-") == second {
		t.Error("one word of two kinds becomes one word")
	}
}
