package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// serve answers over a connection.
func (s *Sandbox) serve(w http.ResponseWriter, r *http.Request) {
	a := s.respond(r)
	if a.hang {
		<-r.Context().Done()
		return
	}
	header := w.Header()
	for name, values := range a.headers() {
		header[name] = values
	}
	w.WriteHeader(a.status)
	if a.cut == whole || a.cut >= len(a.body) {
		_, _ = w.Write(a.body) // a client that went away is its own affair
		return
	}
	_, _ = w.Write(a.body[:a.cut])
	_ = http.NewResponseController(w).Flush()
	// The documented way to break a connection: net/http recovers it and closes without an end of the body.
	panic(http.ErrAbortHandler)
}

// Transport lets an http.Client talk to the sandbox without a port. The host in the URL does not matter.
func (s *Sandbox) Transport() http.RoundTripper { return transport{s} }

type transport struct{ sandbox *Sandbox }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	inner := r.Clone(r.Context())
	inner.RemoteAddr = "127.0.0.1:0"
	if inner.Host == "" {
		inner.Host = r.URL.Host
	}
	a := t.sandbox.respond(inner)
	if a.hang {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return a.response(r), nil
}

func (a answer) response(r *http.Request) *http.Response {
	var body io.Reader = bytes.NewReader(a.body)
	if a.cut != whole && a.cut < len(a.body) {
		body = io.MultiReader(bytes.NewReader(a.body[:a.cut]), broken{})
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.headers(), Body: io.NopCloser(body), ContentLength: int64(len(a.body)), Request: r,
	}
}

// broken is the end of a connection that was cut.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Serve answers on an address, which must be of the loopback: there is no authentication. It calls ready with the base
// URL once connections are accepted, and returns nil after ctx is done and open requests have ended, or five seconds.
func (s *Sandbox) Serve(ctx context.Context, address string, ready func(url string)) error {
	listener, err := listenLoopback(address)
	if err != nil {
		return fmt.Errorf("serve sandbox: %w", err)
	}
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	if ready != nil {
		ready("http://" + listener.Addr().String())
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve sandbox: %w", err)
	}
	return <-stopped
}

func listenLoopback(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s is not an address of this machine alone; use 127.0.0.1", host)
	}
	return net.Listen("tcp", address)
}
