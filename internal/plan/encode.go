package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The ways in which a document is refused. They are wrapped with what was found.
var (
	// ErrNotPlan: this is not a plan of this tool at all.
	ErrNotPlan = errors.New("this is not a coppice plan")
	// ErrDamaged: the bytes are not those that were written. Reformatting or another line ending is enough.
	ErrDamaged = errors.New("the plan was changed or cut short after it was written")
	// ErrVersion: another major format version.
	ErrVersion = errors.New("the plan's format is not one that this coppice reads")
	// ErrUnknownKind: an action of a kind that this version does not know.
	ErrUnknownKind = errors.New("the plan has an action of a kind that this coppice does not know")
)

// Encode writes the plan as one JSON document with a final newline; equal plans have equal bytes. The document's
// digest is filled in: the SHA-256, in hex, of the same document with an empty digest. The plan itself is not changed.
func Encode(p *Plan) ([]byte, error) {
	blank := *p
	blank.Digest = strings.Repeat("0", digestLength) // its place, which does not count
	var err error
	if blank.Actions, err = once(p.Actions); err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	document, err := marshal(&blank)
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	at := ownDigest(document)
	copy(document[at:], sum(document[:at], document[at+digestLength:]))
	return document, nil
}

const digestLength = 2 * sha256.Size

// ownDigest is where the digest's text begins in a document of Encode.
func ownDigest(document []byte) int {
	const key = "\n \"digest\": \"" // no string has a line break, and one blank stands before outermost keys alone
	return bytes.Index(document, []byte(key)) + len(key)
}

// Seal fills in the plan's digest, as Encode would write it.
func Seal(p *Plan) error {
	document, err := Encode(p)
	if err != nil {
		return err
	}
	at := ownDigest(document)
	p.Digest = string(document[at : at+digestLength])
	return nil
}

// marshal indents by one blank: a saved plan is read and compared by people too.
func marshal(p *Plan) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(p); err != nil {
		return nil, err
	}
	return indented(b.Bytes()), nil
}

func sum(parts ...[]byte) string {
	digest := sha256.New()
	for _, part := range parts {
		digest.Write(part)
	}
	return hex.EncodeToString(digest.Sum(nil))
}

// Decode reads what Encode writes. Keys of a newer minor version are ignored, but the digest holds for them too: it is
// compared over the bytes, not over what this version understands. Decode does not Check.
func Decode(document []byte) (*Plan, error) {
	h, err := readHead(document)
	if err != nil {
		return nil, err
	}
	if err := h.checkVersion(); err != nil {
		return nil, err
	}
	digest, err := h.checkDigest(document)
	if err != nil {
		return nil, err
	}
	// The indentation would otherwise become part of raw JSON inside the plan (rules, task context).
	var p Plan
	if err := json.Unmarshal(squeezed(document), &p); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if p.Digest != digest { // encoding/json also takes "Digest" for it
		return nil, fmt.Errorf("%w: it has two digests", ErrDamaged)
	}
	if err := checkKinds(&p); err != nil {
		return nil, err
	}
	if err := share(p.Actions); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return &p, nil
}

// head is what has to be known of a document before the rest of it is read.
type head struct {
	version json.RawMessage // nil when it says none
	digests []span          // between the quotes
}

func readHead(document []byte) (head, error) {
	var h head
	if !bytes.HasPrefix(bytes.TrimLeft(document, " \t\r\n"), []byte("{")) {
		return h, fmt.Errorf("%w: no JSON object", ErrNotPlan)
	}
	err := outermost(document, func(key string, value span) {
		switch {
		case key == "format_version":
			h.version = value.of(document)
		case key == "digest" && value.end-value.start >= 2 && document[value.start] == '"':
			h.digests = append(h.digests, span{value.start + 1, value.end - 1})
		}
	})
	if err != nil {
		return h, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return h, nil
}

// checkVersion comes first: another major version may keep its digest in another way.
func (h head) checkVersion() error {
	var text *string
	var other *json.UnmarshalTypeError
	switch err := json.Unmarshal(h.version, &text); {
	case errors.As(err, &other):
		return fmt.Errorf("%w: format_version is a %s", ErrNotPlan, other.Value)
	case h.version == nil || err == nil && text == nil:
		return fmt.Errorf("%w: it has no format_version", ErrNotPlan)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return majorFits(*text)
}

func majorFits(version string) error {
	own, _, _ := strings.Cut(FormatVersion, ".")
	major, minor, _ := strings.Cut(version, ".")
	for _, part := range []string{major, minor} {
		if n, err := strconv.Atoi(part); err != nil || n < 0 {
			return fmt.Errorf("%w: format_version %q is not a version", ErrVersion, version)
		}
	}
	if major != own {
		return fmt.Errorf("%w: this plan was written by format %s.x; this coppice reads %s.x", ErrVersion, major, own)
	}
	return nil
}

// checkDigest returns the digest that the document says and has. Two of them are refused, since readers would not agree
// on which one counts.
func (h head) checkDigest(document []byte) (string, error) {
	if len(h.digests) != 1 {
		return "", fmt.Errorf("%w: it has %d digests", ErrDamaged, len(h.digests))
	}
	at := h.digests[0]
	written := string(at.of(document))
	if sum(document[:at.start], document[at.end:]) != written {
		return "", fmt.Errorf("%w: its digest does not fit its bytes", ErrDamaged)
	}
	return written, nil
}

// checkKinds refuses what this version cannot carry out, and the nulls that no plan has.
func checkKinds(p *Plan) error {
	for _, d := range p.Datasources {
		if d == nil {
			return fmt.Errorf("%w: a datasource is null", ErrDamaged)
		}
	}
	for _, a := range p.Actions {
		if a == nil {
			return fmt.Errorf("%w: an action is null", ErrDamaged)
		}
		if !slices.Contains(Kinds, a.Kind) {
			return fmt.Errorf("%w: %q", ErrUnknownKind, a.Kind)
		}
	}
	return nil
}
