package druidapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

// StatusError is an answer whose status is not success.
type StatusError struct {
	Method string
	// URL has no user info.
	URL  string
	Code int
	// Body is the beginning of the answer, in one line.
	Body string
	// Needs names the right that the call needs ("READ on DATASOURCE wiki"); Sent says that credentials were sent.
	Needs string
	Sent  bool
}

// Error says what to do about 401 and 403.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s %s: %d %s", e.Method, e.URL, e.Code, http.StatusText(e.Code))
	if e.Body != "" {
		text += ": " + e.Body
	}
	switch {
	case e.Code == http.StatusUnauthorized && e.Sent:
		text += "; Druid refuses these credentials: check the auth block"
	case e.Code == http.StatusUnauthorized:
		text += "; Druid wants credentials: add an auth block"
	case e.Code == http.StatusForbidden:
		text += "; the user lacks the right " + e.Needs
	}
	return text
}

// RedirectError is a redirect that was not followed, since credentials and writes go to configured addresses only.
type RedirectError struct {
	From, To string
}

// Error names both sides.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("%s redirects to %s, which is not followed since it is another address; configure the leader's own "+
		"URL, or a Router's", e.From, e.To)
}

// AnswerError is an answer with a success status that is not what Druid would send, or not all of it.
type AnswerError struct {
	Method, URL string
	// What says what is wrong with it.
	What string
}

// Error says where and what.
func (e *AnswerError) Error() string { return fmt.Sprintf("%s %s: %s", e.Method, e.URL, e.What) }

// ErrOutcomeUnknown is wrapped by errors of writes that may have been carried out all the same: the connection broke,
// or the answer was a server error (Druid is known to answer 500 after having done its work).
var ErrOutcomeUnknown = errors.New("it is not known whether this was carried out")

// firstWords makes one short line of a body.
func firstWords(body []byte) string {
	const most = 300
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, string(body[:min(len(body), 4*most)]))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "..."
	}
	return text
}

// isCode reports whether err is an answer of that status.
func isCode(err error, code int) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Code == code
}
