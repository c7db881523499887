package druidapi

import (
	"context"
	"errors"
	"net"
	"net/http"
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
