package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"coppice/internal/druid"
	"coppice/internal/sandbox"

	"pgregory.net/rapid"
)

// deed is one thing that another writer does at a request of an apply.
type deed struct {
	At   int
	What string
	Of   string
	Row  int
	Ago  int
}

var deeds = []string{"mark used", "mark unused", "new version", "new row", "rules", "kill", "coordinator", "lock", "restart", "time"}

func drawDeed(t *rapid.T) deed {
	return deed{
		At:   rapid.IntRange(1, 180).Draw(t, "at"),
		What: rapid.SampledFrom(deeds).Draw(t, "what"),
		Of:   rapid.SampledFrom([]string{"narrow", "plain", "widen"}).Draw(t, "of"),
		Row:  rapid.IntRange(0, 9).Draw(t, "row"),
		Ago:  rapid.SampledFrom([]int{3, 20, 30, 40, 90, 91, 95, 100, 101, 102, 121}).Draw(t, "ago"),
	}
}

// do carries a deed out. What Druid refuses is as good.
func (d deed) do(s *stage) {
	rows := s.box.Rows(d.Of)
	id := ""
	if len(rows) > 0 {
		id = rows[d.Row%len(rows)].ID
	}
	s.othersAct = true
	switch d.What {
	case "mark used":
		s.try("POST", "/druid/indexer/v1/datasources/"+d.Of+"/markUsed", `{"segmentIds":["`+id+`"]}`)
	case "mark unused":
		s.try("POST", "/druid/indexer/v1/datasources/"+d.Of+"/markUnused", `{"segmentIds":["`+id+`"]}`)
	case "new version":
		fresh := usedDay(d.Of, d.Ago, s.clock.now().String())
		fresh.CreatedAt, fresh.MarkedAt = 0, 0
		_ = s.box.AddSegments(fresh)
	case "new row":
		// An append to a version that is there, unused from the first moment, as a writer that lost a race leaves it.
		_ = s.box.AddSegments(sandbox.Segment{DataSource: d.Of, Interval: agoInterval(d.Ago), Version: "1", Partition: 9,
			ShardSpec: `{"type":"numbered","partitionNum":9,"partitions":1}`})
	case "rules":
		s.rulesEdited = true
		s.try("POST", "/druid/coordinator/v1/rules/"+d.Of, loadFor(fmt.Sprintf("P%dD", 10*d.Row+1)))
	case "kill":
		s.wire.foreign = append(s.wire.foreign, foreignKill{d.Of, agoInterval(d.Ago)})
		s.try("DELETE", "/druid/coordinator/v1/datasources/"+d.Of+"/intervals/"+strings.ReplaceAll(agoInterval(d.Ago).String(), "/", "_"), "")
	case "coordinator":
		_ = s.box.Tick()
	case "lock":
		_, _ = s.box.Lock(sandbox.Lock{DataSource: d.Of, Interval: agoInterval(d.Ago)})
	case "restart":
		s.restart()
	case "time":
		s.clock.millis.Add(int64(d.Row) * int64(druid.Instant(60_000)))
	}
	s.wire.look()
}

// try is a request that may be refused.
func (s *stage) try(method, path, body string) {
	request, err := http.NewRequest(method, "http://druid.invalid"+path, strings.NewReader(body))
	try(s.t, err)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	response, err := s.box.Transport().RoundTrip(request)
	try(s.t, err)
	_ = response.Body.Close()
}

// TestRaces: whatever others do to the cluster at any request of an apply, nothing dies that was not approved (but what
// they themselves kill), and no used row loses its file. Afterwards planning and applying still settles soundly.
func TestRaces(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		drawn := rapid.SliceOfN(rapid.Custom(drawDeed), 1, 4).Draw(rt, "deeds")
		s := newStage(t)
		path, _ := s.plan()
		n := 0
		s.wire.before = func(spot, *http.Request) (*http.Response, error) {
			n++
			for _, d := range drawn {
				if d.At == n {
					d.do(s)
				}
			}
			return nil, nil
		}
		code, m := s.coppice("apply", path)
		s.wire.quiet()
		if strings.Contains(m.errs.String(), "internal error") {
			rt.Fatalf("exit %d\n%s", code, &m.errs)
		}
		for range 2 {
			s.clock.millis.Add(120_000)
			path, _ = s.plan()
			s.coppice("apply", path)
		}
		for _, trouble := range s.wire.trouble {
			rt.Error(trouble)
		}
		if s.filesOfUsed(); t.Failed() {
			rt.Fatalf("exit %d\n%s%s", code, &m.out, &m.errs)
		}
		_ = s.box.Close()
	})
}
