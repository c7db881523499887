package druidapi

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake answers as a test says, and remembers what it was asked.
type fake struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

// newFake answers "METHOD /path" (without the query) by handler; everything else with 404.
func newFake(t *testing.T, routes map[string]http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		f.mu.Lock()
		f.asked = append(f.asked, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
		f.mu.Unlock()
		if r.Header.Get("Accept") == "" {
			w.WriteHeader(http.StatusInternalServerError) // as Druid 33 does
			return
		}
		if handler, ok := routes[r.Method+" "+r.URL.EscapedPath()]; ok {
			handler(w, r)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(f.Close)
	return f
}

// says answers with a JSON text.
func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
}

// fails answers with a status.
func fails(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// client speaks with the fake and does not wait between attempts.
func (f *fake) client(t *testing.T, change ...func(*Options)) *Client {
	t.Helper()
	options := Options{Coordinator: f.URL, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	for _, c := range change {
		c(&options)
	}
	client, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

const leaderPath = "GET /druid/indexer/v1/leader"

// withOverlord adds what makes a Coordinator's address an Overlord's too.
func withOverlord(routes map[string]http.HandlerFunc) map[string]http.HandlerFunc {
	routes[leaderPath] = says("http://127.0.0.1:8081")
	return routes
}
