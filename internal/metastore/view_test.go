package metastore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"coppice/internal/druid"

	"github.com/google/go-cmp/cmp"
)

// read collects a narrow scan, rows by id and reasons by id.
func read(t testing.TB, view *View, datasources ...string) (rows map[string]druid.SegmentRecord, odd map[string]druid.OddRecord) {
	t.Helper()
	rows, odd = map[string]druid.SegmentRecord{}, map[string]druid.OddRecord{}
	err := view.Segments(context.Background(), datasources, nil, func(r *druid.SegmentRecord) error {
		rows[r.ID.String()] = *r
		return nil
	}, func(o druid.OddRecord) error {
		odd[o.ID] = o
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, odd
}

var narrowLines = []line{
	{},
	{id: "wiki_" + day1 + "_" + day2 + "_" + ver1 + "_5"},
	{unused: true, start: day2, end: day3, marked: "-", root: "wiki_root"},
	{dataSource: "Ever-_.x", start: low, end: high, unused: true},
	{dataSource: "ten", start: "9999-12-31T00:00:00.000Z", end: "10000-01-01T00:00:00.000Z"},
	{dataSource: "roman", start: "-0044-03-15T00:00:00.000Z", end: "-0044-03-16T00:00:00.000Z"},
	// A version that ends like a partition: the version column says which it is.
	{version: "v_5", id: "wiki_" + day1 + "_" + day2 + "_v_5"},
	{dataSource: "late", created: "yesterday"},
}

func checkNarrow(t *testing.T, dsn string) {
	rows, odd := read(t, begin(t, dsn))
	if len(odd) != 0 || len(rows) != len(narrowLines) {
		t.Fatalf("%d rows and %d odd ones, want %d and none: %v", len(rows), len(odd), len(narrowLines), odd)
	}
	if got := rows["wiki_"+day1+"_"+day2+"_"+ver1+"_5"]; got.ID.Partition != 5 || !got.Used || got.MarkedAt != instant(t, ver1) {
		t.Errorf("partition 5 reads as %+v", got)
	}
	if got := rows["wiki_"+day2+"_"+day3+"_"+ver1]; got.MarkedAt != druid.NoInstant || got.Used || got.Root != "wiki_root" {
		t.Errorf("the row without a stamp reads as %+v", got)
	}
	if got := rows["Ever-_.x_"+low+"_"+high+"_"+ver1]; got.ID.Interval != druid.Eternity {
		t.Errorf("eternity reads as %v", got.ID.Interval)
	}
	if got := rows["wiki_"+day1+"_"+day2+"_v_5"]; got.ID.Version != "v_5" || got.ID.Partition != 0 {
		t.Errorf("version v_5 reads as %+v", got.ID)
	}
	if got := rows["late_"+day1+"_"+day2+"_"+ver1]; got.CreatedAt != druid.NoInstant {
		t.Errorf("an unreadable created_date reads as %v", got.CreatedAt)
	}
}

func TestSegments(t *testing.T) {
	t.Run("C collation", func(t *testing.T) {
		at := dsn(t)
		fill(t, at, narrowLines...)
		checkNarrow(t, at)
	})
	t.Run("collation of a language", func(t *testing.T) {
		at := dsn(t, "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
		fill(t, at, narrowLines...)
		checkNarrow(t, at)
	})
	t.Run("of one datasource", func(t *testing.T) {
		at := dsn(t)
		fill(t, at, narrowLines...)
		if rows, _ := read(t, begin(t, at), "ten", "roman", "nobody"); len(rows) != 2 {
			t.Errorf("%d rows, want 2: %v", len(rows), rows)
		}
	})
	t.Run("columns of old clusters", func(t *testing.T) {
		at := dsn(t)
		fill(t, at, narrowLines...)
		run(t, at, "ALTER TABLE druid_segments DROP COLUMN used_status_last_updated, DROP COLUMN upgraded_from_segment_id")
		rows, odd := read(t, begin(t, at))
		if len(rows) != len(narrowLines) || len(odd) != 0 {
			t.Fatalf("%d rows, %d odd", len(rows), len(odd))
		}
		for id, row := range rows {
			if row.MarkedAt != druid.NoInstant || row.Root != "" {
				t.Errorf("%s has MarkedAt %v, Root %q", id, row.MarkedAt, row.Root)
			}
		}
	})
}

func TestOddSegments(t *testing.T) {
	id := func(start, end string) string { return "wiki_" + start + "_" + end + "_" + ver1 }
	known := druid.Interval{Start: instant(t, day1), End: instant(t, day2)}
	cases := []struct {
		name     string
		row      line
		reason   string
		interval druid.Interval
	}{
		{"start is no instant", line{start: "2026"}, "its start", druid.Interval{}},
		{"end with an offset", line{end: "2026-01-02T00:00:00.000+02:00"}, "its end", druid.Interval{}},
		{"end without milliseconds", line{end: "2026-01-02T00:00:00Z"}, "its end", druid.Interval{}},
		{"no length", line{end: day1}, "no length", druid.Interval{}},
		{"end before start", line{start: day2, end: day1}, "no length", druid.Interval{}},
		{"stamp with an offset", line{marked: "2026-01-02T00:00:00.000+02:00"}, "used_status_last_updated", known},
		{"stamp is a word", line{marked: "never"}, "used_status_last_updated", known},
		{"id of another version", line{id: "wiki_" + day1 + "_" + day2 + "_v9"}, "does not fit", known},
		{"partition zero written", line{id: id(day1, day2) + "_0"}, "partition number", known},
		{"partition with a sign", line{id: id(day1, day2) + "_+1"}, "partition number", known},
		{"partition with a zero", line{id: id(day1, day2) + "_01"}, "partition number", known},
		{"partition too great", line{id: id(day1, day2) + "_2147483648"}, "partition number", known},
		{"only an underscore", line{id: id(day1, day2) + "_"}, "partition number", known},
		{"longer version in the id", line{id: id(day1, day2) + "x"}, "partition number", known},
		{"no datasource", line{dataSource: " ", id: "x"}, "does not fit", known},
	}
	at := dsn(t)
	fill(t, at)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			run(t, at, "DELETE FROM druid_segments", c.row.insert())
			rows, odd := read(t, begin(t, at))
			if len(rows) != 0 || len(odd) != 1 {
				t.Fatalf("%d rows and %d odd ones, want none and one", len(rows), len(odd))
			}
			got := odd[c.row.filled().id]
			if !strings.Contains(got.Reason, c.reason) || got.Interval != c.interval || got.DataSource != c.row.filled().dataSource {
				t.Errorf("got %+v, want the reason %q and the interval %v", got, c.reason, c.interval)
			}
		})
	}
}

func TestViewIsOneMoment(t *testing.T) {
	at := dsn(t)
	fill(t, at, line{})
	view := begin(t, at)
	run(t, at, line{start: day2, end: day3}.insert(), "UPDATE druid_segments SET used = false")
	rows, _ := read(t, view)
	if len(rows) != 1 || !rows["wiki_"+day1+"_"+day2+"_"+ver1].Used {
		t.Errorf("the view shows what happened after it began: %v", rows)
	}
	if _, err := view.tx.Exec("DELETE FROM druid_segments"); err == nil {
		t.Error("the view can write")
	}
}

func TestLookups(t *testing.T) {
	at := dsn(t)
	fill(t, at, line{}, line{start: day2, end: day3, unused: true})
	view := begin(t, at)
	first, second := "wiki_"+day1+"_"+day2+"_"+ver1, "wiki_"+day2+"_"+day3+"_"+ver1
	used, err := view.UsedAmong(context.Background(), []string{first, second, "x"})
	if diff := cmp.Diff([]string{first}, used); err != nil || diff != "" {
		t.Errorf("used among: %v %s", err, diff)
	}
	names, err := view.DatasourcesAmong(context.Background(), []string{"Wiki", "wiki", "x'"})
	if diff := cmp.Diff([]string{"wiki"}, names); err != nil || diff != "" {
		t.Errorf("datasources among: %v %s", err, diff)
	}
}

func TestPayloads(t *testing.T) {
	at := dsn(t)
	odd := line{dataSource: "odd", payload: "\\x00 not JSON"}
	fill(t, at, line{}, line{start: day2, end: day3, unused: true}, odd)
	view := begin(t, at)
	ids := []string{"nobody", odd.filled().id, line{}.filled().id}
	got := map[string]string{}
	keep := func(id, payload []byte) error {
		got[string(id)] = string(payload)
		return nil
	}
	if err := view.Payloads(context.Background(), ids, keep); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{odd.filled().id: odd.payload, line{}.filled().id: line{}.filled().payload}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("batch (-want +got):\n%s", diff)
	}
	for used, count := range map[bool]int{true: 2, false: 1} {
		clear(got)
		if err := view.AllPayloads(context.Background(), used, keep); err != nil || len(got) != count {
			t.Errorf("the pass over used %v gave %d payloads, error %v", used, len(got), err)
		}
	}
	if !view.PassPays(context.Background(), 30, 100) || view.PassPays(context.Background(), 20, 100) {
		t.Error("PassPays does not change at a quarter")
	}
}

// TestSegmentsWithPayloads: unused rows of the datasources that are named come with what their payloads say, where these can be read and
// are theirs; many rows come in several pieces, each with its own texts.
func TestSegmentsWithPayloads(t *testing.T) {
	at := dsn(t)
	lines := []line{{}, {unused: true, start: day2, end: day3, marked: "-"}, {dataSource: "other", unused: true},
		{dataSource: "broken", unused: true, payload: "\\x00 not JSON"}, {dataSource: "foreign", unused: true, payload: line{}.filled().payload}}
	for n := range 3 * pieceRows {
		lines = append(lines, line{dataSource: "many", unused: n%2 == 0, version: fmt.Sprintf("v%d", n)})
	}
	fill(t, at, lines...)
	view := begin(t, at)
	want, _ := read(t, view)
	names := []string{"wiki", "broken", "foreign", "many"}
	got := map[string]druid.SegmentRecord{}
	var places []uint64
	err := view.Segments(context.Background(), nil, names, func(r *druid.SegmentRecord) error {
		if with := r.Data != nil; with != (!r.Used && (r.ID.DataSource == "wiki" || r.ID.DataSource == "many")) {
			t.Errorf("%s, used %v: with payload %v", r.ID, r.Used, with)
		}
		if r.Data != nil && r.Data.ID != r.ID {
			t.Errorf("%s has the payload of %s", r.ID, r.Data.ID)
		}
		if (r.Place > 0) != r.Used {
			t.Errorf("%s, used %v: at place %d", r.ID, r.Used, r.Place)
		}
		if r.Used {
			places = append(places, r.Place)
		}
		kept := *r
		kept.Data, kept.Place = nil, 0
		got[r.ID.String()] = kept
		return nil
	}, func(o druid.OddRecord) error {
		t.Errorf("%s: %s", o.ID, o.Reason)
		return nil
	})
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v (-without payloads +with):\n%s", err, diff)
	}
	// What others do meanwhile moves rows, and nothing of what this view sees.
	run(t, at, "UPDATE druid_segments SET payload = 'later'", "DELETE FROM druid_segments WHERE datasource = 'many'")
	payloads := map[string]string{}
	if err := view.PayloadsAt(context.Background(), append(places, placeOf([]byte("(4000000,7)"))), func(id, payload []byte) error {
		payloads[string(id)] = string(payload)
		return nil
	}); err != nil {
		t.Error(err)
	}
	expected := map[string]string{}
	for _, l := range lines {
		if l = l.filled(); !l.unused {
			expected[l.id] = l.payload
		}
	}
	if diff := cmp.Diff(expected, payloads); diff != "" {
		t.Errorf("at their places (-want +got):\n%s", diff)
	}
	stop := errors.New("stop")
	seen := 0
	err = view.Segments(context.Background(), nil, names, func(*druid.SegmentRecord) error {
		if seen++; seen == pieceRows+1 {
			return stop
		}
		return nil
	}, nil)
	if !errors.Is(err, stop) || seen != pieceRows+1 {
		t.Errorf("after %d rows: %v", seen, err)
	}
	if rows, _ := read(t, view, "wiki"); len(rows) != 2 {
		t.Errorf("after it was stopped the view gives %d rows", len(rows))
	}
}

func TestRulesAndAuthors(t *testing.T) {
	at := dsn(t)
	fill(t, at)
	insert := func(key, version, payload string) string {
		return "INSERT INTO druid_rules VALUES (" + quote(key+"_"+version) + "," + quote(key) + "," + quote(version) + ",convert_to(" + quote(payload) + ",'UTF8'))"
	}
	run(t, at, insert("wiki", day1, `[{"type":"loadForever"}]`), insert("wiki", day2, `[{"type":"dropForever"}]`),
		insert("bad", day1, `{`), insert("odd", "v1", `[]`),
		`INSERT INTO druid_audit (audit_key, type, author, comment, created_date, payload) VALUES
('wiki','rules','ben','why not','`+day2+`',''), ('gone','rules','anna','','`+day1+`',''), ('wiki','segment.kill','eve','','`+day2+`','')`)
	view := begin(t, at)
	records, err := view.Rules(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(records, func(a, b druid.RuleRecord) int {
		return strings.Compare(a.Key+a.Since.String(), b.Key+b.Since.String())
	})
	var got []string
	for _, r := range records {
		got = append(got, strings.TrimSpace(r.Key+" "+r.Since.String()+" "+map[bool]string{true: "problem", false: "ok"}[r.Problem != ""]+" "+r.Author+" "+r.Comment))
	}
	if diff := cmp.Diff([]string{"bad " + day1 + " problem", "odd unknown problem", "wiki " + day1 + " ok", "wiki " + day2 + " ok ben why not"}, got); diff != "" {
		t.Error(diff)
	}
	if err := view.Close(); err != nil { // it would keep the table from being dropped
		t.Fatal(err)
	}
	run(t, at, "DROP TABLE druid_audit")
	if records, err = begin(t, at).Rules(context.Background()); err != nil || len(records) != 4 {
		t.Errorf("without an audit table: %v, %d lists", err, len(records))
	}
}

func TestClaims(t *testing.T) {
	at := dsn(t)
	fill(t, at)
	run(t, at,
		`INSERT INTO druid_tasks VALUES ('kill1','`+day1+`','wiki',convert_to('{"type":"kill","interval":"2026-01-01/2026-01-02"}','UTF8'),'',true)`,
		`INSERT INTO druid_tasks VALUES ('done','`+day1+`','wiki',convert_to('{"type":"kill","interval":"2020-01-01/2020-01-02"}','UTF8'),'',false)`,
		`INSERT INTO druid_tasks VALUES ('stream','`+day1+`','wiki',convert_to('{"type":"index_kafka"}','UTF8'),'',true)`,
		`INSERT INTO druid_tasklocks (task_id, lock_payload) VALUES ('stream', convert_to('{"granularity":"timeChunk","type":"APPEND","dataSource":"wiki","interval":"2026-01-02T00:00:00.000Z/2026-01-03T00:00:00.000Z","revoked":false}','UTF8')),
('gone', convert_to('{"dataSource":"wiki","interval":"2026-01-02/2026-01-03","revoked":true}','UTF8')),
('vague', convert_to('{"dataSource":"other"}','UTF8')), ('empty', NULL)`,
		`INSERT INTO druid_pendingSegments VALUES ('p2','wiki','','`+day1+`','`+day2+`','s','','1',''), ('p1','wiki','','`+day1+`','`+day2+`','s','','2','')`)
	claims, err := begin(t, at).Claims(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range claims {
		got = append(got, strings.Join([]string{c.DataSource, c.Interval.String(), string(c.Kind), c.By}, " "))
	}
	slices.Sort(got)
	want := []string{
		"other " + low + "/" + high + " lock vague",
		"wiki " + day1 + "/" + day2 + " pending p1",
		"wiki " + day1 + "/" + day2 + " task kill1",
		"wiki " + day2 + "/" + day3 + " lock stream",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func TestClaimsIncomplete(t *testing.T) {
	for name, spoil := range map[string]string{
		"a table is missing":     "DROP TABLE druid_tasklocks",
		"a lock is not readable": "INSERT INTO druid_tasklocks (lock_payload) VALUES ('{')",
	} {
		t.Run(name, func(t *testing.T) {
			at := dsn(t)
			fill(t, at)
			run(t, at, spoil)
			view := begin(t, at)
			if claims, err := view.Claims(context.Background()); err == nil {
				t.Errorf("taken for complete: %v", claims)
			}
			if _, err := view.Rules(context.Background()); err != nil {
				t.Errorf("the view does not survive it: %v", err)
			}
		})
	}
}

func TestConfig(t *testing.T) {
	at := dsn(t)
	fill(t, at)
	run(t, at, `INSERT INTO druid_config VALUES ('coordinator.config', convert_to('{"pauseCoordination":true}','UTF8'))`)
	view := begin(t, at)
	payload, ok, err := view.Config(context.Background(), CoordinatorConfig)
	if err != nil || !ok || string(payload) != `{"pauseCoordination":true}` {
		t.Errorf("%s %v %v", payload, ok, err)
	}
	if _, ok, err := view.Config(context.Background(), "other"); ok || err != nil {
		t.Errorf("a row that is not there: %v %v", ok, err)
	}
}

func TestIdentity(t *testing.T) {
	at := dsn(t)
	fill(t, at)
	first, second := begin(t, at), begin(t, at)
	if first.Identity() != second.Identity() || !strings.HasPrefix(first.Identity(), "postgresql system ") {
		t.Errorf("identities %q and %q", first.Identity(), second.Identity())
	}
	if first.Replica() {
		t.Error("taken for a replica")
	}
	// Where the system identifier is not told, the hashed address stands in for it.
	one, other := identity("", 5, "druid", "10.0.0.1:5432"), identity("", 5, "druid", "10.0.0.2:5432")
	if one == other || strings.Contains(one, "10.0.0.1") {
		t.Errorf("%q and %q", one, other)
	}
}

// TestLimits: the server itself ends what takes too long, whatever becomes of this program.
func TestLimits(t *testing.T) {
	at := dsn(t)
	fill(t, at)
	view := begin(t, at)
	for setting, want := range map[string]string{"statement_timeout": "1min", "lock_timeout": "30s", "idle_in_transaction_session_timeout": "15min",
		"transaction_read_only": "on", "transaction_isolation": "repeatable read"} {
		var got string
		if err := view.tx.QueryRowContext(t.Context(), "SELECT current_setting($1)", setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", setting, got, err, want)
		}
	}
}

// TestTextsAreThose: printed as cstring or sent as they are, columns say the same, also such as no Druid writes.
func TestTextsAreThose(t *testing.T) {
	at := dsn(t)
	fill(t, at, line{}, line{dataSource: "wiki \\ ünï \"x\"  "}, line{version: "v1  "}, line{start: day2, end: day3, marked: "-"}, line{id: "some other id"}, line{start: "2026"},
		line{version: "v\u2028\\x41"})
	store := open(t, at)
	if !store.tables.cstrings {
		t.Fatal("PostgreSQL prints no texts as cstring")
	}
	seen := func() map[string]any {
		view, err := store.Begin(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer view.Close()
		rows, odd := read(t, view)
		return map[string]any{"rows": rows, "odd": odd}
	}
	printed := seen()
	store.tables.cstrings = false
	if diff := cmp.Diff(seen(), printed); diff != "" {
		t.Errorf("-as texts +as cstring\n%s", diff)
	}
}
