package sandbox

import (
	"net/http"
	"path"
)

// Fault makes requests go wrong, for tests of what clients do then. Every field but one of Status, Truncate, Hang and
// Wait may be left out.
type Fault struct {
	// Method and Path choose the requests. Empty fits all; a Path may have * for one part (path.Match), and is compared
	// with the escaped path without its query.
	Method, Path string
	// Skip lets so many fitting requests pass first; Times is how many then go wrong (zero: one, negative: all).
	Skip, Times int
	// Status, Header and Body are answered instead of Druid's answer. Zero keeps Druid's.
	Status int
	Header http.Header
	Body   string
	// AfterWork does the request's work first, so that the client does not learn of a success.
	AfterWork bool
	// Truncate, when positive, breaks the connection after so many bytes of the body.
	Truncate int
	// Hang never answers: the client has to give up. Combine with AfterWork for a lost answer.
	Hang bool
	// Wait, when set, is called before anything else, outside of the sandbox's lock; it may use the sandbox.
	Wait func(*http.Request)
}

// Inject adds a fault. Of several that fit a request the first one injected acts.
func (s *Sandbox) Inject(fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if fault.Times == 0 {
		fault.Times = 1
	}
	s.faults = append(s.faults, &fault)
}

// ClearFaults takes all faults out.
func (s *Sandbox) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault finds the fault for a request and counts it.
func (s *Sandbox) takeFault(r *http.Request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, fault := range s.faults {
		if fault.Times == 0 || !fault.fits(r) {
			continue
		}
		if fault.Skip > 0 {
			fault.Skip--
			continue
		}
		if fault.Times > 0 {
			fault.Times--
		}
		return fault
	}
	return nil
}

func (f *Fault) fits(r *http.Request) bool {
	if f.Method != "" && f.Method != r.Method {
		return false
	}
	if f.Path == "" {
		return true
	}
	matched, err := path.Match(f.Path, r.URL.EscapedPath())
	return err == nil && matched
}

// answers reports whether the fault says something of its own, so that without AfterWork there is no work to do.
func (f *Fault) answers() bool { return f.Status != 0 || f.Hang }

// instead spoils an answer.
func (f *Fault) instead(a answer) answer {
	if f.Status != 0 {
		a = text(f.Status, f.Body)
		if f.Body == "" {
			a.kind = ""
		}
		a.header = f.Header
	}
	if f.Truncate > 0 {
		a.cut = f.Truncate
	}
	a.hang = f.Hang
	return a
}
