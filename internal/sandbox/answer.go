package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// answer is what a request will be told.
type answer struct {
	status int
	body   []byte
	// kind is the Content-Type; empty for none.
	kind   string
	header http.Header
	// undeclared marks a Java resource method without a declared media type: see withoutAccept. declared marks an
	// answer of such a method that has a type all the same.
	undeclared, declared bool
	// cut breaks the connection after so many bytes of the body; hang never answers.
	cut  int
	hang bool
}

const (
	whole = -1 // the value of answer.cut that cuts nothing

	jsonKind = "application/json"
	textKind = "text/plain"
)

func empty(status int) answer { return answer{status: status, cut: whole} }

func text(status int, body string) answer {
	return answer{status: status, body: []byte(body), kind: jsonKind, cut: whole}
}

// plain is text that says that it is text.
func plain(status int, body string) answer {
	a := text(status, body)
	a.kind = textKind
	return a
}

// ok answers 200 with JSON.
func ok(value any) answer { return object(http.StatusOK, value) }

// object answers with JSON, without the escapes for HTML that Go adds and Java does not.
func object(status int, value any) answer {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return problem(http.StatusInternalServerError, err.Error())
	}
	return answer{status: status, body: bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), kind: jsonKind, cut: whole}
}

// problem is the older of Druid's error shapes.
func problem(status int, message string) answer {
	return object(status, map[string]string{"error": message})
}

// druidException is the newer one (org.apache.druid.error.DruidException of persona USER).
func druidException(code, message string) answer {
	return object(http.StatusBadRequest, struct {
		Error        string   `json:"error"`
		ErrorCode    string   `json:"errorCode"`
		Persona      string   `json:"persona"`
		Category     string   `json:"category"`
		ErrorMessage string   `json:"errorMessage"`
		Context      struct{} `json:"context"`
	}{"druidException", code, "USER", "INVALID_INPUT", message, struct{}{}})
}

// firstValue returns the first JSON value of a body, as Jackson's mapper reads it: what follows is ignored. Nil means
// that there is none.
func firstValue(body []byte) (json.RawMessage, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	var first json.RawMessage
	err := json.NewDecoder(bytes.NewReader(body)).Decode(&first)
	return first, err
}

// jetty is the page of the servlet container, for what no resource method caught. It escapes quotes as HTML does, and
// the message stands in for the Java exception of that class.
func jetty(path, class, message string) answer {
	cause := class + ": " + message
	cause = strings.NewReplacer("&", "&amp;", "'", "&apos;", "<", "&lt;", ">", "&gt;").Replace(cause)
	quote := func(s string) string {
		data := object(http.StatusOK, s).body
		return string(data)
	}
	body := "{\n\"servlet\":\"default\",\n\"cause0\":" + quote(cause) + ",\n\"message\":" + quote(cause) +
		",\n\"url\":" + quote(path) + ",\n\"status\":\"500\"\n}"
	return text(http.StatusInternalServerError, body)
}

// decode reads the first JSON value of the body into a Go value; failed is the answer when that cannot be. What is not
// JSON at all ends on Jetty's page, what is JSON of another shape is 400. No body and null leave the value as it is.
func (c *call) decode(into any) (failed *answer) {
	first, err := firstValue(c.body)
	if err != nil {
		a := jetty(c.request.URL.Path, "javax.servlet.ServletException", "com.fasterxml.jackson.core.JsonParseException: "+err.Error())
		return &a
	}
	if first == nil {
		return nil
	}
	if err := json.Unmarshal(first, into); err != nil {
		a := declared(problem(http.StatusBadRequest, "Cannot deserialize value: "+strings.TrimPrefix(err.Error(), "json: ")))
		return &a
	}
	return nil
}

// declared marks an answer that has a media type of its own.
func declared(a answer) answer {
	a.declared = true
	return a
}

// refusal is an error in Druid's own words, which go to the client as they are.
type refusal string

// Error implements error.
func (r refusal) Error() string { return string(r) }

func refuse(words string) error { return refusal(words) }

// invalidInterval is how Druid words an interval that it cannot read.
func invalidInterval(given string) string {
	if !strings.Contains(given, "/") {
		return "Invalid interval[" + given + "]: [Format requires a '/' separator: " + given + "]"
	}
	return "Invalid interval[" + given + "]"
}

// withoutAccept is the trap of Druid 33: a method without a declared media type falls back to octet-stream when the
// client accepts anything, nothing can write the object so, and the client gets 500 with an empty body. The work is
// done by then.
func (a answer) withoutAccept(r *http.Request) answer {
	if !a.undeclared || a.declared || len(a.body) == 0 || a.body[0] != '{' {
		return a
	}
	if accept := strings.TrimSpace(strings.Join(r.Header.Values("Accept"), ",")); accept != "" && accept != "*/*" {
		return a
	}
	return empty(http.StatusInternalServerError)
}

// headers are those of the answer; length is that of the whole body, also when it will be cut.
func (a answer) headers() http.Header {
	header := http.Header{}
	for name, values := range a.header {
		header[name] = values
	}
	if a.kind != "" {
		header.Set("Content-Type", a.kind)
	}
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
	return header
}
