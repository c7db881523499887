package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// overBoth runs a test in process and over a connection: faults must look the same.
func overBoth(t *testing.T, test func(w *world, client *http.Client, base string)) {
	t.Helper()
	t.Run("transport", func(t *testing.T) {
		w := open(t, Options{})
		test(w, &http.Client{Transport: w.Transport()}, "http://sandbox")
	})
	t.Run("connection", func(t *testing.T) {
		w := open(t, Options{})
		server := httptest.NewServer(w.Handler())
		defer server.Close()
		test(w, server.Client(), server.URL)
	})
}

// fetch posts and returns what a client sees: status, body, error.
func fetch(ctx context.Context, client *http.Client, url, body string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return response.StatusCode, string(data), err
}

func TestFaults(t *testing.T) {
	const path, body = overlord + "/datasources/d/markUnused", `{"interval":"2024/2025"}`
	const good = `{"numChangedSegments":1,"segmentStateChanged":true}`
	for name, c := range map[string]struct {
		fault  Fault
		status int
		body   string
		broken bool
		used   int
	}{
		"none fits":            {Fault{Path: overlord + "/task", Status: 500}, 200, good, false, 0},
		"another method":       {Fault{Method: "GET", Status: 500}, 200, good, false, 0},
		"instead of the work":  {Fault{Method: "POST", Path: path, Status: 503, Body: "busy"}, 503, "busy", false, 1},
		"after the work":       {Fault{Path: overlord + "/datasources/*/markUnused", Status: 500, AfterWork: true}, 500, "", false, 0},
		"truncated":            {Fault{Truncate: 10}, 200, good[:10], true, 0},
		"truncated after more": {Fault{Truncate: 1000}, 200, good, false, 0},
		"the second one":       {Fault{Skip: 1, Status: 500}, 200, good, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			overBoth(t, func(w *world, client *http.Client, base string) {
				w.add(january(1, "1", true))
				w.Inject(c.fault)
				status, got, err := fetch(w.Context(), client, base+path, body)
				if status != c.status || got != c.body || (err != nil) != c.broken {
					w.Errorf("got %d %q %v, want %d %q, broken %v", status, got, err, c.status, c.body, c.broken)
				}
				if used := w.used(); used != c.used {
					w.Errorf("used: got %d, want %d", used, c.used)
				}
			})
		})
	}
}

func TestFaultTimes(t *testing.T) {
	w := open(t, Options{})
	w.Inject(Fault{Status: 500, Times: 2})
	w.Inject(Fault{Status: 503, Skip: 1, Times: -1})
	var got []int
	for range 5 {
		status, _ := w.ask("GET", "/status/health", "")
		got = append(got, status)
	}
	if want := [5]int{500, 500, 200, 503, 503}; [5]int(got) != want {
		t.Errorf("statuses: got %v, want %v", got, want)
	}
	w.ClearFaults()
	if status, _ := w.ask("GET", "/status/health", ""); status != 200 {
		t.Errorf("after ClearFaults: got %d", status)
	}
}

// TestHang: the work is done and the client never learns.
func TestHang(t *testing.T) {
	overBoth(t, func(w *world, client *http.Client, base string) {
		w.add(january(1, "1", true))
		w.Inject(Fault{Hang: true, AfterWork: true})
		ctx, cancel := context.WithTimeout(w.Context(), 50*time.Millisecond)
		defer cancel()
		_, _, err := fetch(ctx, client, base+overlord+"/datasources/d/markUnused", `{"interval":"2024/2025"}`)
		if !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("got %v, want a timeout", err)
		}
		if got := w.used(); got != 0 {
			w.Errorf("used: got %d, want the work done", got)
		}
	})
}

// TestWait: somebody else acts between the client's sending and the work.
func TestWait(t *testing.T) {
	w := open(t, Options{})
	w.add(january(1, "1", false))
	w.Inject(Fault{Path: overlord + "/task", Wait: func(*http.Request) { w.add(january(2, "1", false)) }})
	w.post(overlord+"/task", `{"type":"kill","dataSource":"d","interval":"2024/2025"}`)
	w.get("/status/health")
	if got := w.Rows("d"); len(got) != 0 {
		t.Errorf("rows: got %v, want both killed", got)
	}
}
