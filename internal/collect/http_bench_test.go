package collect

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"testing"
	"time"

	"coppice/internal/druid"
	"coppice/internal/druidapi"
)

// served is a Coordinator that answers with lists of a chosen length, as Druid writes them: 44 dimensions and 14
// metrics. Each page is made once.
type served struct {
	*httptest.Server
	used []byte
	// unused is one page of a datasource's unused segments; each of them has that and an empty one behind it.
	unused map[string][]byte
}

const servedDatasources = 20

func serve(tb testing.TB, rows int) *served {
	tb.Helper()
	s := &served{unused: map[string][]byte{}}
	var columns bytes.Buffer
	for n := range 58 {
		fmt.Fprintf(&columns, ",column_%03d", n)
	}
	segment := func(n int, used bool) []byte {
		start := druid.Instant(int64(n) * 3600 * 1000)
		end := start + 3600*1000
		flag := ""
		if used {
			flag = `,"overshadowed":false,"replicationFactor":2,"numRows":500000`
		}
		return fmt.Appendf(nil, `{"dataSource":"datasource_%02d","interval":"%s/%s","version":"%s","loadSpec":{"type":"s3_zip","bucket":"druid-deep-storage",`+
			`"key":"druid/segments/datasource_%02d/%d/0/index.zip","S3Schema":"s3n"},"dimensions":"%s","metrics":"%s","shardSpec":{"type":"numbered",`+
			`"partitionNum":0,"partitions":1},"binaryVersion":9,"size":%d,"identifier":"datasource_%02d_%s_%s_%s"%s}`, n%servedDatasources, start, end, end, n%servedDatasources, n,
			columns.Bytes()[1:500], columns.Bytes()[500:], 1000+n, n%servedDatasources, start, end, end, flag)
	}
	var list bytes.Buffer
	for n := range rows {
		list.WriteByte("[,"[min(n, 1)])
		list.Write(segment(n, true))
	}
	s.used = append(list.Bytes(), ']')
	pages := map[string]*bytes.Buffer{}
	for n := range rows {
		name := fmt.Sprintf("datasource_%02d", n%servedDatasources)
		if pages[name] == nil {
			pages[name] = &bytes.Buffer{}
		}
		pages[name].WriteByte("[,"[min(pages[name].Len(), 1)])
		fmt.Fprintf(pages[name], `{"dataSegment":%s,"createdDate":"2026-01-01T00:00:00.000Z","usedStatusLastUpdatedDate":"2026-01-02T00:00:00.000Z",`+
			`"schemaFingerprint":null,"numRows":null,"upgradedFromSegmentId":null}`, segment(n, false))
	}
	for name, page := range pages {
		s.unused[name] = append(page.Bytes(), ']')
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	tb.Cleanup(s.Close)
	return s
}

func (s *served) answer(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/druid/coordinator/v1/metadata/segments":
		_, _ = w.Write(s.used)
	default:
		name := path.Base(path.Dir(r.URL.Path))
		if page := s.unused[name]; page != nil && !r.URL.Query().Has("lastSegmentId") {
			_, _ = w.Write(page)
			return
		}
		_, _ = io.WriteString(w, `[]`)
	}
}

// bareDecode is the floor: the same bytes, as a stream, into just the needed fields. E is what an element is read into.
func bareDecode[E any](b *testing.B, url string) (rows int) {
	b.Helper()
	answer, err := http.Get(url)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	decoder := json.NewDecoder(answer.Body)
	if _, err := decoder.Token(); err != nil {
		b.Fatal(err)
	}
	for ; decoder.More(); rows++ {
		var element E
		if err := decoder.Decode(&element); err != nil {
			b.Fatal(err)
		}
	}
	return rows
}

type bareSegment struct {
	DataSource, Interval, Version string
	LoadSpec, ShardSpec           json.RawMessage
	Size                          int64
}

type bareUnused struct {
	DataSegment                                                   bareSegment
	CreatedDate, UsedStatusLastUpdatedDate, UpgradedFromSegmentID *string
}

const (
	servedRows = 50_000
	segmentsAt = "/druid/coordinator/v1/metadata/"
)

// BenchmarkUsedOverHTTP reads the list of used segments into a snapshot, each round beside a bare decoding of the same bytes.
func BenchmarkUsedOverHTTP(b *testing.B) {
	server := serve(b, servedRows)
	compareOverHTTP(b, server, []string{}, func() int { return bareDecode[bareSegment](b, server.URL+segmentsAt+"segments") })
}

// BenchmarkUnusedOverHTTP reads no used segments and the unused ones of all datasources.
func BenchmarkUnusedOverHTTP(b *testing.B) {
	server := serve(b, servedRows)
	server.used = []byte("[]")
	names := slices.Sorted(maps.Keys(server.unused))
	compareOverHTTP(b, server, names, func() (rows int) {
		for _, name := range names {
			rows += bareDecode[bareUnused](b, server.URL+segmentsAt+"datasources/"+name+"/unusedSegments")
		}
		return rows
	})
}

// compareOverHTTP reports the median ratio of reading to bare decoding.
func compareOverHTTP(b *testing.B, server *served, names []string, bare func() int) {
	b.Helper()
	client, err := druidapi.New(druidapi.Options{Coordinator: server.URL, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		b.Fatal(err)
	}
	var ratios []float64
	for b.Loop() {
		start := time.Now()
		if got := bare(); got != servedRows {
			b.Fatal(got)
		}
		floor := time.Since(start)
		s := &Session{request: Request{Coordinator: client, Datasources: names, Now: func() druid.Instant { return now }}, builders: map[string]*builder{}}
		start = time.Now()
		if err := s.listSegments(context.Background(), nil); err != nil {
			b.Fatal(err)
		}
		ratios = append(ratios, float64(time.Since(start))/float64(floor))
		rows := 0
		for _, one := range s.builders {
			rows += one.rows.rows.count
		}
		if rows != servedRows {
			b.Fatal(rows)
		}
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "x-bare-decode")
}
