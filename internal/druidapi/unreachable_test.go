package druidapi

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// deaf is a network on which nobody listens; it counts how often somebody tried.
type deaf struct{ tries int }

func (d *deaf) RoundTrip(*http.Request) (*http.Response, error) {
	d.tries++
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
}

// An address that never answered is tried four times for the first question and not again for those that follow; the
// message names the attribute to check.
func TestUnreachableIsGivenUpOnce(t *testing.T) {
	network := &deaf{}
	c, err := New(Options{Coordinator: "http://coordinator.test:8081", Transport: network,
		Sleep: func(context.Context, time.Duration) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, err = c.AllRules(t.Context())
	}
	var silent *UnreachableError
	if !errors.As(err, &silent) || network.tries != len(pauses)+1 {
		t.Fatalf("%d tries, %v", network.tries, err)
	}
	if text := err.Error(); !strings.Contains(text, "check cluster.coordinator") || !strings.Contains(text, "connection refused") {
		t.Errorf("message %q", text)
	}
}

// What the two sides cannot agree on in TLS is said at once, with what to change.
func TestTLSIsNotTriedAgain(t *testing.T) {
	plain := newFake(t, nil)
	secret := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secret.Close)
	secret.Config.ErrorLog = log.New(io.Discard, "", 0)
	old, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { old.Close() })
	go func() {
		for c, err := old.Accept(); err == nil; c, err = old.Accept() {
			_, _ = io.WriteString(c, "<html>Bad request</html>")
			_, _ = io.Copy(io.Discard, c) // until the client has had enough; an early end could lose the answer
			c.Close()
		}
	}()
	cases := []struct{ name, address, say string }{
		{"https to something else", "https://" + old.Addr().String(), "write http:// instead of https://"},
		{"https to a plain port", strings.Replace(plain.URL, "http://", "https://", 1), "write http:// instead of https://"},
		{"an authority that nobody trusts", secret.URL, "whom to trust (ca_file)"},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			c, err := New(Options{Coordinator: test.address, Sleep: func(context.Context, time.Duration) error {
				t.Error("it is tried again")
				return nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err = readUsed(c); err == nil || !strings.Contains(err.Error(), test.say) {
				t.Errorf("got %v, want %q", err, test.say)
			}
		})
	}
}
