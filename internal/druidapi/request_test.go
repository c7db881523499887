package druidapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"coppice/internal/druid"
)

const usedPath = "GET /druid/coordinator/v1/metadata/segments"

const segmentJSON = `{"dataSource":"wiki","interval":"2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z","version":"v1",` +
	`"loadSpec":{"type":"local","path":"/x"},"shardSpec":{"type":"numbered","partitionNum":%d,"partitions":2},"size":7,"identifier":"x"}`

// readUsed reads the used list and returns the ids and the number of odd elements.
func readUsed(c *Client) (ids []string, odd int, err error) {
	err = c.Used(context.Background(), nil, func(r *druid.SegmentRecord) error {
		ids = append(ids, r.ID.String())
		return nil
	}, func(druid.OddRecord) error {
		odd++
		return nil
	})
	return ids, odd, err
}

// TestBrokenLists: a list that is not whole is an error, never a shorter list.
func TestBrokenLists(t *testing.T) {
	element := fmt.Sprintf(segmentJSON, 0)
	cases := []struct {
		name   string
		answer http.HandlerFunc
		say    string
	}{
		{"no closing bracket", says("[" + element), "broke off after 1 elements"},
		{"ends in an element", says("[" + element + "," + element[:40]), "broke off after 1 elements"},
		{"ends behind a comma", says("[" + element + ","), "broke off"},
		{"something follows", says("[" + element + `]{"error":"late"}`), "something follows the list: {\"error\""},
		{"shorter than Content-Length", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			fmt.Fprint(w, "["+element+"]")
		}, "broke off"},
		{"chunks without an end", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "["+element+"]")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, "broke off"},
		{"an object", says(`{"error":"no"}`), `begins: {"error":"no"}`},
		{"null", says(`null`), "list was expected"},
		{"empty", says(``), "the answer is empty"},
		{"web page", says("<!DOCTYPE html>\n<title>Login</title>"), "a web page, not Druid's JSON"},
		{"words", says("hello"), "begins: hello"},
		{"two lists", says("[" + element + "][" + element + "]"), "something follows"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, map[string]http.HandlerFunc{usedPath: c.answer})
			_, _, err := readUsed(f.client(t))
			var wrong *AnswerError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.say) || !strings.Contains(err.Error(), f.URL) {
				t.Errorf("got %v, want an AnswerError with %q and the address", err, c.say)
			}
		})
	}
}

func TestWholeLists(t *testing.T) {
	f := newFake(t, map[string]http.HandlerFunc{usedPath: says("[" + fmt.Sprintf(segmentJSON, 0) + ",\n" + fmt.Sprintf(segmentJSON, 1) +
		`,{"dataSource":"wiki","interval":"2026-01-05/2026-01-06"}] ` + "\n")})
	ids, odd, err := readUsed(f.client(t))
	if err != nil || len(ids) != 2 || odd != 1 || !strings.HasSuffix(ids[1], "_v1_1") {
		t.Errorf("got %v, %d odd, %v", ids, odd, err)
	}
}

func TestStatusErrors(t *testing.T) {
	auth := func(o *Options) { o.Auth = Auth{Username: "coppice", Password: "hunter2"} }
	token := func(o *Options) { o.Auth = Auth{Token: "hunter2"} }
	cases := []struct {
		name   string
		answer http.HandlerFunc
		option func(*Options)
		code   int
		say    string
	}{
		{"401 without credentials", fails(401, "<html>Unauthorized</html>"), nil, 401, "add an auth block"},
		{"401 with credentials", fails(401, ""), auth, 401, "check the auth block"},
		{"401 with a token", fails(401, ""), token, 401, "check the auth block"},
		{"403", fails(403, `{"error":"Unauthorized"}`), auth, 403, "lacks the right READ on every DATASOURCE"},
		{"404", fails(404, "nothing here"), nil, 404, "is cluster.coordinator the address of a Coordinator or Router"},
		{"500 empty", fails(500, ""), nil, 500, "(4 attempts)"},
		{"503 no leader", fails(503, "I am not leader"), nil, 503, "I am not leader"},
		{"400", fails(400, "line one\nline \x00two"), nil, 400, "line one line two"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, map[string]http.HandlerFunc{usedPath: c.answer})
			options := []func(*Options){}
			if c.option != nil {
				options = append(options, c.option)
			}
			_, _, err := readUsed(f.client(t, options...))
			var status *StatusError
			if !errors.As(err, &status) || status.Code != c.code || !strings.Contains(err.Error(), c.say) {
				t.Errorf("got %v, want status %d with %q", err, c.code, c.say)
			}
			if strings.Contains(fmt.Sprintf("%+v %#v", err, status), "hunter2") {
				t.Errorf("the password is in %v", err)
			}
		})
	}
}

func TestOnlyReadsAreRetried(t *testing.T) {
	var count atomic.Int32
	flaky := func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1) < 3 {
			w.WriteHeader(502)
			return
		}
		says("[]")(w, r)
	}
	f := newFake(t, withOverlord(map[string]http.HandlerFunc{usedPath: flaky, "POST /druid/indexer/v1/datasources/wiki/markUsed": fails(500, "")}))
	if _, _, err := readUsed(f.client(t)); err != nil || count.Load() != 3 {
		t.Errorf("a read that works at the third attempt: %v after %d", err, count.Load())
	}
	_, err := f.client(t).MarkUsed(context.Background(), "wiki", nil)
	if !errors.Is(err, ErrOutcomeUnknown) {
		t.Errorf("a write answered with 500 gives %v, want ErrOutcomeUnknown", err)
	}
	writes := 0
	for _, asked := range f.asked {
		if strings.HasPrefix(asked, "POST") {
			writes++
		}
	}
	if writes != 1 {
		t.Errorf("the write was sent %d times", writes)
	}
}

func TestRedirects(t *testing.T) {
	var stolen atomic.Value
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		stolen.Store(r.Header.Get("Authorization") + r.Method)
	}))
	defer other.Close()
	to := func(address string, code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", address)
			w.WriteHeader(code)
		}
	}
	var moved string
	f := newFake(t, withOverlord(map[string]http.HandlerFunc{
		usedPath:                              to("/druid/coordinator/v1/elsewhere", 307),
		"GET /druid/coordinator/v1/elsewhere": says("[" + fmt.Sprintf(segmentJSON, 0) + "]"),
		"POST /druid/indexer/v1/datasources/wiki/markUsed": to("/moved", 307),
		"POST /moved": func(w http.ResponseWriter, r *http.Request) {
			body := make([]byte, 100)
			n, _ := r.Body.Read(body)
			moved = r.Header.Get("Authorization") + " " + string(body[:n])
			says(`{"numChangedSegments":0}`)(w, r)
		},
		"GET /druid/coordinator/v1/rules":  to(other.URL+"/druid/coordinator/v1/rules", 307),
		"GET /druid/coordinator/v1/duties": to("/druid/coordinator/v1/duties", 302),
	}))
	c := f.client(t, func(o *Options) { o.Auth = Auth{Token: "secret"} })
	if ids, _, err := readUsed(c); err != nil || len(ids) != 1 {
		t.Errorf("a redirect on the same address: %v, %v", ids, err)
	}
	if _, err := c.MarkUsed(context.Background(), "wiki", nil); err != nil || moved != `Bearer secret {"segmentIds":[]}` {
		t.Errorf("a redirected write: %v, arrived as %q", err, moved)
	}
	_, err := c.AllRules(context.Background())
	var redirect *RedirectError
	if !errors.As(err, &redirect) || !strings.Contains(err.Error(), other.URL) || stolen.Load() != nil {
		t.Errorf("a redirect to another address: %v; it received %v", err, stolen.Load())
	}
	if _, _, err := c.Duties(context.Background()); err == nil || !strings.Contains(err.Error(), "circle") {
		t.Errorf("a redirect to itself: %v", err)
	}
}

func TestSlow(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	f := newFake(t, map[string]http.HandlerFunc{usedPath: func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "["+fmt.Sprintf(segmentJSON, 0))
		w.(http.Flusher).Flush()
		<-release
	}})
	if _, _, err := readUsed(f.client(t, func(o *Options) { o.Stall = 50 * time.Millisecond })); err == nil || !strings.Contains(err.Error(), "broke off") {
		t.Errorf("an answer that stops in the middle: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err := f.client(t).Used(ctx, nil, func(*druid.SegmentRecord) error { return nil }, nil)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a canceled read: %v", err)
	}
}

func TestNew(t *testing.T) {
	for _, address := range []string{"", "router:8888", "ftp://router", "http://", "http://u:p@ss@host", "https://coppice:hunter2@host", "http://h/?x=1"} {
		if _, err := New(Options{Coordinator: address}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := New(Options{Coordinator: "https://h", TLS: TLS{CAFile: "no-such-file"}}); err == nil {
		t.Error("a missing ca_file is accepted")
	}
	if text := fmt.Sprintf("%v %+v %#v", Auth{Password: "hunter2"}, Auth{Token: "hunter2"}, Options{Auth: Auth{Token: "hunter2"}}); strings.Contains(text, "hunter2") {
		t.Errorf("printing shows secrets: %s", text)
	}
}

func TestOverlordIsFound(t *testing.T) {
	t.Run("not there", func(t *testing.T) {
		f := newFake(t, map[string]http.HandlerFunc{})
		if _, err := f.client(t).TaskStatus(context.Background(), "x"); !errors.Is(err, ErrNoOverlord) || !strings.Contains(err.Error(), "cluster.overlord") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("something else answers", func(t *testing.T) {
		f := newFake(t, map[string]http.HandlerFunc{leaderPath: says("<html>")})
		if _, err := f.client(t).TaskStatus(context.Background(), "x"); !errors.Is(err, ErrNoOverlord) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("configured", func(t *testing.T) {
		overlord := newFake(t, map[string]http.HandlerFunc{})
		f := newFake(t, map[string]http.HandlerFunc{})
		status, err := f.client(t, func(o *Options) { o.Overlord = overlord.URL + "/" }).TaskStatus(context.Background(), "x")
		if err != nil || status.State != druid.TaskUnknown || len(f.asked) != 0 {
			t.Errorf("got %v, %v; the Coordinator was asked %v", status, err, f.asked)
		}
	})
}

// TestListThatDoesNotBegin: a list of which nothing came is asked for again, so often as every read; one that began is not,
// since what came of it was handed on.
func TestListThatDoesNotBegin(t *testing.T) {
	list := "[" + fmt.Sprintf(segmentJSON, 0) + "]"
	for _, c := range []struct {
		name  string
		bad   http.HandlerFunc
		times int
		fails bool
	}{
		{"empty once", says(""), 1, false},
		{"empty three times", says(""), len(pauses), false},
		{"empty for ever", says(""), len(pauses) + 1, true},
		{"ends before it begins", func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, 1, false},
		{"begins as something else", says("x"), 1, true},
		{"breaks off", says(list[:100]), 1, true},
	} {
		asked := 0
		f := newFake(t, map[string]http.HandlerFunc{usedPath: func(w http.ResponseWriter, r *http.Request) {
			if asked++; asked <= c.times {
				c.bad(w, r)
				return
			}
			says(list)(w, r)
		}})
		ids, _, err := readUsed(f.client(t))
		if (err != nil) != c.fails || err == nil && (len(ids) != 1 || asked != c.times+1) {
			t.Errorf("%s: %d ids, %v, asked %d times", c.name, len(ids), err, asked)
		}
	}
}
