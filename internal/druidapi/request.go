package druidapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"coppice/internal/druid"
)

const (
	coordinatorAPI = "/druid/coordinator/v1"
	overlordAPI    = "/druid/indexer/v1"
)

// request is one call. Path parts are escaped by whoever builds the path.
type request struct {
	method string
	role   role
	// at replaces the role's address, for the calls that find out about addresses.
	at    string
	path  string
	query url.Values
	// body is JSON; nil sends none.
	body   []byte
	header map[string]string
	// accept is application/json when empty: without it Druid 33 answers 500 after having done its work.
	accept string
	// needs is the right that Druid asks for.
	needs string
	// read marks calls that change nothing and may be repeated.
	read bool
	// anonymous sends no credentials: the address is not a configured one.
	anonymous bool
}

// pauses are between attempts of reads; a write is sent once.
var pauses = []time.Duration{300 * time.Millisecond, time.Second, 3 * time.Second}

// maxRedirects is more than leaders ever need.
const maxRedirects = 5

// send returns an answer with a success status; its body is the caller's to close. Reads are repeated when the
// connection breaks or the server is at fault.
func (c *Client) send(ctx context.Context, r request) (*answer, error) {
	base := r.at
	if base == "" {
		var err error
		if base, err = c.base(ctx, r.role); err != nil {
			return nil, err
		}
	}
	if err := c.unreachable(base); err != nil && r.read {
		return nil, err
	}
	address := base + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	for attempt := 0; ; attempt++ {
		got, err := c.follow(ctx, r, address)
		if err == nil || ctx.Err() != nil || !passing(err) {
			c.heard(base)
			return got, err
		}
		if !r.read {
			return nil, errors.Join(err, ErrOutcomeUnknown)
		}
		if attempt == len(pauses) {
			return nil, c.giveUp(base, r.role, fmt.Errorf("%w (%d attempts)", err, attempt+1))
		}
		c.log.Debug("trying again", "reason", err, "attempt", attempt+1)
		if err := c.sleep(ctx, pauses[attempt]); err != nil {
			return nil, err
		}
	}
}

// passing reports whether a failure may pass: a broken connection, or a fault of the server.
func passing(err error) bool {
	var status *StatusError
	var broken *url.Error
	return errors.As(err, &status) && (status.Code >= 500 || status.Code == http.StatusTooManyRequests) ||
		errors.As(err, &broken) && !isTLS(err)
}

// follow goes along redirects on one address (scheme, host and port): what Druid does when another path or a leader on
// the same address is meant.
func (c *Client) follow(ctx context.Context, r request, address string) (*answer, error) {
	for range maxRedirects {
		got, err := c.once(ctx, r, address)
		if err != nil {
			return nil, err
		}
		if got.response.StatusCode < 300 {
			return got, nil
		}
		next, err := c.redirect(got, address)
		got.Close()
		if err != nil {
			return nil, err
		}
		address = next
	}
	return nil, &AnswerError{r.method, plain(address), "it redirects in a circle"}
}

func (c *Client) redirect(got *answer, address string) (string, error) {
	location, err := got.response.Location()
	if err != nil {
		return "", &AnswerError{got.method, got.url, "it redirects to nowhere"}
	}
	from, err := url.Parse(address)
	if err != nil || !sameAddress(from, location) {
		return "", &RedirectError{From: got.url, To: plain(location.Scheme + "://" + location.Host)}
	}
	location.User = nil
	return location.String(), nil
}

// sameAddress compares scheme, host and port.
func sameAddress(a, b *url.URL) bool {
	port := func(u *url.URL) string {
		if p := u.Port(); p != "" {
			return p
		}
		return map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

// once sends one request. Redirects are an answer here.
func (c *Client) once(ctx context.Context, r request, address string) (*answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	got := &answer{method: r.method, url: plain(address), cancel: cancel}
	request, err := c.build(ctx, r, address)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	got.timer = time.AfterFunc(c.stall, func() { cancel(errStalled) })
	got.stall = c.stall
	if got.response, err = c.http.Do(request); err != nil {
		got.Close()
		if errors.Is(context.Cause(ctx), errStalled) {
			err = &url.Error{Op: r.method, URL: got.url, Err: errStalled}
		}
		return nil, advised(err)
	}
	c.noteClock(r.role, got.response)
	if got.response.StatusCode < 400 {
		return got, nil
	}
	defer got.Close()
	body, _ := io.ReadAll(io.LimitReader(got, 1<<16))
	return nil, &StatusError{Method: r.method, URL: got.url, Code: got.response.StatusCode, Body: firstWords(body),
		Needs: r.needs, Sent: c.auth != Auth{}}
}

func (c *Client) build(ctx context.Context, r request, address string) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	request, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return nil, &AnswerError{r.method, plain(address), "no request can be made of it"}
	}
	request.Header.Set("Accept", "application/json")
	if r.accept != "" {
		request.Header.Set("Accept", r.accept)
	}
	if r.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range r.header {
		request.Header.Set(name, value)
	}
	switch {
	case r.anonymous:
	case c.auth.Token != "":
		request.Header.Set("Authorization", "Bearer "+c.auth.Token)
	case c.auth.Username != "" || c.auth.Password != "":
		request.SetBasicAuth(c.auth.Username, c.auth.Password)
	}
	return request, nil
}

// noteClock remembers the Coordinator's own time, which is what it prints where it has none.
func (c *Client) noteClock(r role, response *http.Response) {
	at, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil || r != coordinatorRole {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := druid.InstantOf(at); t > c.served {
		c.served = t
	}
}

// plain drops user info from an address, for messages.
func plain(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(an address that cannot be read)"
	}
	u.User = nil
	return u.String()
}
