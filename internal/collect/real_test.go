package collect

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"coppice/internal/druid"
	"coppice/internal/druidapi"
	"coppice/internal/druidkit"
	"coppice/internal/metastore"
	"coppice/internal/snapshot"
)

// TestRealDruid compares what store and API of one real cluster tell, and a store of another cluster with its API.
func TestRealDruid(t *testing.T) {
	cluster := druidkit.Start(t, druidkit.Options{})
	const name = "collect-real"
	db, err := sql.Open("postgres", cluster.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	insert := func(start, end, version string, used bool, marked any) {
		t.Helper()
		id := name + "_" + start + "_" + end + "_" + version
		payload := fmt.Sprintf(`{"dataSource":%q,"interval":"%s/%s","version":%q,"loadSpec":{"type":"local","path":"/nowhere"},"dimensions":"a",`+
			`"metrics":"","shardSpec":{"type":"numbered","partitionNum":0,"partitions":1},"binaryVersion":9,"size":5,"identifier":%q}`, name, start, end, version, id)
		_, err := db.Exec(`INSERT INTO druid_segments (id, dataSource, created_date, start, "end", partitioned, version, used, payload, used_status_last_updated)
VALUES ($1, $2, $3, $4, $5, true, $6, $7, $8, $3)`, id, name, "2024-02-01T00:00:00.000Z", start, end, version, used, []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		if marked == nil {
			return
		}
		if _, err := db.Exec(`UPDATE druid_segments SET used_status_last_updated = $2 WHERE id = $1`, id, marked); err != nil {
			t.Fatal(err)
		}
	}
	client, err := druidapi.New(druidapi.Options{Coordinator: cluster.Coordinator})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := druid.ParseRuleList([]byte(`[{"type":"loadForever","tieredReplicants":{}}]`))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.SetRules(context.Background(), name, rules, "coppice", "test"); err != nil {
		t.Fatal(err)
	}
	insert("2024-01-01T00:00:00.000Z", "2024-01-02T00:00:00.000Z", "2024-01-05T00:00:00.000Z", true, nil)
	insert("2024-01-01T00:00:00.000Z", "2024-01-02T00:00:00.000Z", "2024-01-04T00:00:00.000Z", false, "2024-02-02T00:00:00.000Z")
	insert(druid.MinInstant.String(), druid.MaxInstant.String(), "v_5", false, nil)
	time.Sleep(4 * time.Second) // a poll of the Coordinator

	store, err := metastore.Open(context.Background(), metastore.Options{DSN: cluster.DSN})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r := Request{Name: "real", Now: func() druid.Instant { return druid.InstantOf(time.Now()) }, Coordinator: client,
		Sleep: func(_ context.Context, d time.Duration) error { time.Sleep(d); return nil }}
	served := one(t, r, name)
	r.Begin = func(ctx context.Context) (View, error) { return store.Begin(ctx) }
	both := mustCollect(t, r)
	stored := both.Cluster.Find(name)
	if both.Cluster.Sources.Disagree != "" || both.Cluster.Duties.Frozen || both.Cluster.Duties.Stopped || both.Cluster.DruidVersion != cluster.Version {
		t.Errorf("sources %+v, duties %+v, version %s", both.Cluster.Sources, both.Cluster.Duties, both.Cluster.DruidVersion)
	}
	if got := gaps(both.Cluster); len(got) > 0 {
		t.Errorf("gaps %v", got)
	}
	if !slices.Equal(ids(served), ids(stored)) || len(stored.Segments) != 3 {
		t.Errorf("the API shows\n%v\nthe store\n%v", ids(served), ids(stored))
	}
	if err := both.Fill(context.Background(), []Want{{stored, []int32{0, 1, 2}}}); err != nil {
		t.Fatal(err)
	}
	for i := range served.Segments {
		a, b := served.Segments[i], stored.Segments[i]
		if a.File != b.File || a.Bytes != b.Bytes || served.Shards[a.Shard] != stored.Shards[b.Shard] || !a.Has(snapshot.Used) && a.MarkedAt != b.MarkedAt {
			t.Errorf("row %d: the API shows %+v, the store %+v", i, a, b)
		}
	}
	if !stored.Rules.Since.Known() || stored.Rules.Since != served.Rules.Since || !stored.Rules.List.Equal(served.Rules.List) || stored.Rules.LastAuthor != "coppice" {
		t.Errorf("rules: the API shows %+v, the store %+v", served.Rules, stored.Rules)
	}
	staging(t, cluster, db, r)
}

func one(t *testing.T, r Request, name string) *snapshot.Datasource {
	t.Helper()
	s, err := One(context.Background(), r, name)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s.Cluster.Find(name)
}

// staging copies the store, changes every version, and sees that it is not taken for the Coordinator's own.
func staging(t *testing.T, cluster *druidkit.Cluster, db *sql.DB, r Request) {
	t.Helper()
	u, err := url.Parse(cluster.DSN)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE DATABASE collect_staging"); err != nil {
		t.Fatal(err)
	}
	defer db.Exec("DROP DATABASE collect_staging WITH (FORCE)")
	u.Path = "/collect_staging"
	other, err := sql.Open("postgres", u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	version := "2025-01-01T00:00:00.000Z"
	const day1, day2 = "2024-01-01T00:00:00.000Z", "2024-01-02T00:00:00.000Z"
	for _, statement := range []string{
		`CREATE TABLE druid_segments (id VARCHAR(255), dataSource VARCHAR(255), created_date VARCHAR(255), start VARCHAR(255), "end" VARCHAR(255),
version VARCHAR(255), used BOOLEAN, payload BYTEA, used_status_last_updated VARCHAR(255))`,
		`CREATE TABLE druid_rules (id VARCHAR(255), dataSource VARCHAR(255), version VARCHAR(255), payload BYTEA)`,
		`INSERT INTO druid_segments VALUES ('collect-real_` + day1 + `_` + day2 + `_` + version + `', 'collect-real', '` + version + `', '` + day1 + `', '` + day2 +
			`', '` + version + `', true, '{}', '` + version + `')`,
	} {
		if _, err := other.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	store, err := metastore.Open(context.Background(), metastore.Options{DSN: u.String()})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r.Begin = func(ctx context.Context) (View, error) { return store.Begin(ctx) }
	s := mustCollect(t, r)
	if s.Cluster.Sources.Disagree == "" {
		t.Error("a staging store is taken for the Coordinator's")
	}
}
