package druidapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"coppice/internal/druid"

	"github.com/hashicorp/go-hclog"
)

// Options say where Druid is and how to get in.
type Options struct {
	// Coordinator is the base URL of a Coordinator or Router, without credentials. Overlord is found there when empty.
	Coordinator, Overlord string
	Auth                  Auth
	TLS                   TLS
	// Transport replaces HTTP, for a cluster in the same process; TLS is then not used. May be nil.
	Transport http.RoundTripper
	// Sleep waits between attempts and ends early with the context's error; nil waits by the clock.
	Sleep func(ctx context.Context, d time.Duration) error
	// Stall ends an answer of which nothing arrives for so long; 0 = 5 minutes.
	Stall  time.Duration
	Logger hclog.Logger
}

// Auth is basic (Username and Password) or, with a Token, bearer. The zero value sends nothing.
type Auth struct {
	Username, Password, Token string
}

// String hides the secrets; so does GoString.
func (Auth) String() string   { return "(sensitive)" }
func (Auth) GoString() string { return "(sensitive)" }

// Client is a connection to one cluster. It is safe for concurrent use.
type Client struct {
	coordinator string
	http        *http.Client
	auth        Auth
	sleep       func(context.Context, time.Duration) error
	stall       time.Duration
	log         hclog.Logger

	mu sync.Mutex
	// overlord is empty until it was found.
	overlord string
	// served is the newest moment that the Coordinator's own clock has told, in its answers' Date.
	served  druid.Instant
	silence silence
}

const defaultStall = 5 * time.Minute

// New checks the options; it does not connect.
func New(options Options) (*Client, error) {
	c := &Client{auth: options.Auth, sleep: options.Sleep, stall: options.Stall, log: options.Logger, served: druid.NoInstant}
	var err error
	if c.coordinator, err = baseURL("coordinator", options.Coordinator); err != nil {
		return nil, err
	}
	if options.Overlord != "" {
		if c.overlord, err = baseURL("overlord", options.Overlord); err != nil {
			return nil, err
		}
	}
	transport := options.Transport
	if transport == nil {
		if transport, err = options.TLS.transport(); err != nil {
			return nil, err
		}
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if c.sleep == nil {
		c.sleep = wait
	}
	if c.stall <= 0 {
		c.stall = defaultStall
	}
	if c.log == nil {
		c.log = hclog.NewNullLogger()
	}
	return c, nil
}

// baseURL refuses what would fail later in a way that is harder to understand. The text is not quoted where it may
// hold a password.
func baseURL(role, text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: not a URL", role)
	case u.User != nil:
		return "", fmt.Errorf("%s: the URL holds credentials; put them into the auth block", role)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return "", fmt.Errorf("%s: %q is not a URL such as https://router.example:8888", role, text)
	case u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("%s: a base URL ends with its path", role)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// role is who a request is for.
type role uint8

const (
	coordinatorRole role = iota
	overlordRole
)

// ErrNoOverlord says that no Overlord answers at the Coordinator's address.
var ErrNoOverlord = errors.New("no Overlord answers at the Coordinator's address; set cluster.overlord to the Overlord's own URL")

// base returns the address of a role. A Router and a Coordinator that is also the Overlord answer for both; whether
// that is so is asked once.
func (c *Client) base(ctx context.Context, r role) (string, error) {
	if r == coordinatorRole {
		return c.coordinator, nil
	}
	c.mu.Lock()
	known := c.overlord
	c.mu.Unlock()
	if known != "" {
		return known, nil
	}
	leader := request{method: http.MethodGet, at: c.coordinator, path: overlordAPI + "/leader", accept: "*/*", read: true}
	body, _, err := c.whole(ctx, leader)
	var status *StatusError
	switch {
	case errors.As(err, &status) && (status.Code == http.StatusNotFound || status.Code == http.StatusMethodNotAllowed):
		return "", ErrNoOverlord
	case err != nil:
		return "", fmt.Errorf("find the Overlord: %w", err)
	case !strings.HasPrefix(string(body), "http"):
		// A web server of something else, or no leader elected.
		return "", fmt.Errorf("find the Overlord: %w (it answered %q)", ErrNoOverlord, firstWords(body))
	}
	c.mu.Lock()
	c.overlord = c.coordinator
	c.mu.Unlock()
	return c.coordinator, nil
}
