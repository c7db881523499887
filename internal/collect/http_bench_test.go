package collect

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"coppice/internal/druid"
	"coppice/internal/druidapi"
)

// served is a Coordinator that answers with lists of a chosen length, as Druid writes them: 44 dimensions and 14
// metrics. Each page is made once.
type served struct {
	*httptest.Server
	used  []byte
	pages map[string][]byte
	// busy counts requests for unused segments under way, most the highest number.
	busy, most atomic.Int32
}

const servedDatasources = 20

func serve(tb testing.TB, rows int) *served {
	tb.Helper()
	s := &served{pages: map[string][]byte{}}
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
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	tb.Cleanup(s.Close)
	return s
}

func (s *served) answer(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/druid/coordinator/v1/metadata/segments":
		_, _ = w.Write(s.used)
	case "/druid/coordinator/v1/rules":
		_, _ = io.WriteString(w, `{"_default":[{"type":"loadForever"}]}`)
	case "/druid/coordinator/v1/metadata/datasources":
		_, _ = io.WriteString(w, `[]`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// bareDecode is the floor: the same bytes, as a stream, into just the needed fields.
func bareDecode(b *testing.B, url string) (rows int) {
	b.Helper()
	answer, err := http.Get(url + "/druid/coordinator/v1/metadata/segments")
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	decoder := json.NewDecoder(answer.Body)
	if _, err := decoder.Token(); err != nil {
		b.Fatal(err)
	}
	for ; decoder.More(); rows++ {
		var segment struct {
			DataSource, Interval, Version string
			LoadSpec, ShardSpec           json.RawMessage
			Size                          int64
		}
		if err := decoder.Decode(&segment); err != nil {
			b.Fatal(err)
		}
	}
	return rows
}

// BenchmarkUsedOverHTTP reads the list of used segments into a snapshot, each round beside a bare decoding of the same bytes.
func BenchmarkUsedOverHTTP(b *testing.B) {
	const rows = 50_000
	server := serve(b, rows)
	client, err := druidapi.New(druidapi.Options{Coordinator: server.URL, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		b.Fatal(err)
	}
	var ratios []float64
	for b.Loop() {
		start := time.Now()
		if got := bareDecode(b, server.URL); got != rows {
			b.Fatal(got)
		}
		floor := time.Since(start)
		s := &Session{request: Request{Coordinator: client, Datasources: []string{}, Now: func() druid.Instant { return now }}, builders: map[string]*builder{}}
		start = time.Now()
		if err := s.listSegments(context.Background(), nil); err != nil || len(s.builders) != servedDatasources {
			b.Fatal(err, len(s.builders))
		}
		ratios = append(ratios, float64(time.Since(start))/float64(floor))
		runtime.KeepAlive(s)
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "x-bare-decode")
	b.ReportMetric(float64(len(server.used))/rows, "bytes/row")
}
