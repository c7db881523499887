package e2e

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
)

// gate stands between the program and the Coordinator, so that a test can act at the very moment of a call.
type gate struct {
	// path is the end of the path of the POST that is watched; only the first one is.
	path string
	// before is called ahead of the call; false keeps the call from Druid, and breaks the connection.
	before func() bool
	// after is called when Druid has answered, ahead of the answer.
	after func()
}

// openGate puts the gate into the program's way. Once it is closed, the Coordinator seems to be down.
func (g gate) openGate(w *world, p *program) *httptest.Server {
	w.Helper()
	target, err := url.Parse(w.Coordinator)
	if err != nil {
		w.Fatal(err)
	}
	var once, onceAfter sync.Once
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // broken connections are what these tests are about
	watched := func(r *http.Request) bool {
		return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, g.path)
	}
	proxy.ModifyResponse = func(answer *http.Response) error {
		if g.after != nil && watched(answer.Request) {
			onceAfter.Do(g.after)
		}
		return nil
	}
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		pass := true
		if g.before != nil && watched(r) {
			once.Do(func() { pass = g.before() })
		}
		if !pass {
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(out, r)
	}))
	w.Cleanup(server.Close)
	p.environment["E2E_COORDINATOR"] = server.URL
	return server
}
