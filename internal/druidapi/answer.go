package druidapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// answer is a response whose reading is ended when nothing arrives for too long.
type answer struct {
	method, url string
	response    *http.Response
	cancel      context.CancelCauseFunc
	timer       *time.Timer
	stall       time.Duration
}

var errStalled = errors.New("nothing arrived for too long")

// Read reads the body and starts the time that it may take from anew.
func (a *answer) Read(p []byte) (int, error) {
	a.timer.Reset(a.stall)
	return a.response.Body.Read(p)
}

// Close ends the request.
func (a *answer) Close() {
	if a.timer != nil {
		a.timer.Stop()
	}
	if a.response != nil {
		a.response.Body.Close()
	}
	a.cancel(nil)
}

// wrong makes an error of an answer that cannot be believed.
func (a *answer) wrong(format string, arguments ...any) error {
	return &AnswerError{a.method, a.url, fmt.Sprintf(format, arguments...)}
}

// isTLS reports whether the two sides cannot agree on TLS, which no other attempt changes.
func isTLS(err error) bool { return speaksPlain(err) || isCertificate(err) }

// speaksPlain reports whether the other side answered without TLS.
func speaksPlain(err error) bool {
	var header tls.RecordHeaderError
	return errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &header)
}

func isCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	return errors.As(err, &verification)
}

// advised adds what to do to an error of TLS.
func advised(err error) error {
	switch {
	case speaksPlain(err):
		return fmt.Errorf("%w; write http:// instead of https:// in the cluster block, if that is meant", err)
	case isCertificate(err):
		return fmt.Errorf("%w; the tls block says whom to trust (ca_file) and what name to expect (server_name)", err)
	}
	return err
}

// maxWhole bounds answers that are read whole; lists of segments are streamed instead.
const maxWhole = 256 << 20

// whole returns the complete body and the address that it came from. Broken transfers of reads are repeated.
func (c *Client) whole(ctx context.Context, r request) (body []byte, from string, err error) {
	for attempt := 0; ; attempt++ {
		got, err := c.send(ctx, r)
		if err != nil {
			return nil, "", err
		}
		body, err := io.ReadAll(io.LimitReader(got, maxWhole+1))
		got.Close()
		switch {
		case err == nil && len(body) > maxWhole:
			return nil, "", got.wrong("the answer is longer than %d bytes", maxWhole)
		case err == nil:
			return body, got.url, nil
		case ctx.Err() != nil:
			return nil, "", ctx.Err()
		case !r.read:
			return nil, "", errors.Join(got.wrong("the answer broke off: %v", err), ErrOutcomeUnknown)
		case attempt == len(pauses):
			return nil, "", got.wrong("the answer broke off: %v", err)
		}
		if err := c.sleep(ctx, pauses[attempt]); err != nil {
			return nil, "", err
		}
	}
}

// decode reads a whole JSON answer into a value.
func (c *Client) decode(ctx context.Context, r request, into any) error {
	body, from, err := c.whole(ctx, r)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return &AnswerError{r.method, from, describe(body, err)}
	}
	return nil
}

// describe says what an answer is that is not the JSON that was expected.
func describe(body []byte, err error) string {
	switch trimmed := bytes.TrimSpace(body); {
	case len(trimmed) == 0:
		return "the answer is empty"
	case trimmed[0] == '<':
		return "the answer is a web page, not Druid's JSON; is this the address of a Coordinator or Router? It begins: " + firstWords(body)
	default:
		return fmt.Sprintf("the answer is not the JSON that Druid sends (%v); it begins: %s", err, firstWords(body))
	}
}

// each streams the elements of a JSON list. The element is valid during the call only. The list is believed only when
// its closing bracket came and nothing follows it.
func (c *Client) each(ctx context.Context, r request, visit func(element []byte) error) error {
	got, list, err := c.opened(ctx, r)
	if err != nil {
		return err
	}
	defer got.Close()
	for count := 0; ; count++ {
		element, err := list.next()
		if err != nil {
			return got.brokeOff(ctx, count, err)
		}
		if element == nil {
			return got.finish(ctx, count, list.rest())
		}
		if err := visit(element); err != nil {
			if !json.Valid(element) {
				return got.brokeOff(ctx, count, err)
			}
			return err
		}
	}
}

// opened asks for a list and reads its bracket. A transfer that breaks off before that is repeated, if it is a read.
func (c *Client) opened(ctx context.Context, r request) (*answer, *elements, error) {
	for attempt := 0; ; attempt++ {
		got, err := c.send(ctx, r)
		if err != nil {
			return nil, nil, err
		}
		head := &recorder{from: got}
		list := newElements(head)
		if err = list.open(); err == nil {
			return got, list, nil
		}
		got.Close()
		if len(head.seen) > 0 || !r.read || attempt == len(pauses) {
			return nil, nil, got.wrong("%s", describe(head.seen, err))
		}
		c.log.Debug("trying again", "reason", err, "attempt", attempt+1)
		if err := c.sleep(ctx, pauses[attempt]); err != nil {
			return nil, nil, err
		}
	}
}

func (a *answer) brokeOff(ctx context.Context, count int, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return a.wrong("the list broke off after %d elements (%v); it is not taken for complete", count, err)
}

// jsonSpace is the white space of JSON (RFC 8259, section 2), which is less than that of bytes.TrimSpace.
const jsonSpace = " \t\r\n"

// finish wants white space and the proper end of the transfer behind the closing bracket.
func (a *answer) finish(ctx context.Context, count int, buffered io.Reader) error {
	rest, err := io.ReadAll(io.LimitReader(io.MultiReader(buffered, a), 1<<16))
	if err != nil {
		return a.brokeOff(ctx, count, err)
	}
	if len(bytes.Trim(rest, jsonSpace)) > 0 {
		return a.wrong("something follows the list: %s", firstWords(rest))
	}
	return nil
}

// recorder keeps the beginning of what is read through it, for messages.
type recorder struct {
	from io.Reader
	seen []byte
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if room := 1200 - len(r.seen); room > 0 {
		r.seen = append(r.seen, p[:min(n, room)]...)
	}
	return n, err
}

// part escapes one part of a path.
func part(text string) string { return url.PathEscape(text) }
