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
	blank.Digest = ""
	document, err := marshal(&blank)
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	at, err := findDigest(document)
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	return slices.Concat(document[:at.start], []byte(sum(document)), document[at.end:]), nil
}

// Seal fills in the plan's digest, as Encode would write it.
func Seal(p *Plan) error {
	document, err := Encode(p)
	if err != nil {
		return err
	}
	at, err := findDigest(document)
	if err != nil {
		return fmt.Errorf("seal plan: %w", err)
	}
	p.Digest = string(document[at.start:at.end])
	return nil
}

// marshal indents by one blank: a saved plan is read and compared by people too.
func marshal(p *Plan) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func sum(document []byte) string {
	digest := sha256.Sum256(document)
	return hex.EncodeToString(digest[:])
}

// Decode reads what Encode writes. Keys of a newer minor version are ignored, but the digest holds for them too: it is
// compared over the bytes, not over what this version understands. Decode does not Check.
func Decode(document []byte) (*Plan, error) {
	if err := checkVersion(document); err != nil {
		return nil, err
	}
	if err := checkDigest(document); err != nil {
		return nil, err
	}
	// The indentation would otherwise become part of raw JSON inside the plan (rules, task context).
	var compact bytes.Buffer
	if err := json.Compact(&compact, document); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	var p Plan
	if err := json.Unmarshal(compact.Bytes(), &p); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := checkKinds(&p); err != nil {
		return nil, err
	}
	return &p, nil
}

// checkVersion comes first: another major version may keep its digest in another way.
func checkVersion(document []byte) error {
	if !bytes.HasPrefix(bytes.TrimLeft(document, " \t\r\n"), []byte("{")) {
		return fmt.Errorf("%w: no JSON object", ErrNotPlan)
	}
	var head struct {
		FormatVersion *string `json:"format_version"`
	}
	var other *json.UnmarshalTypeError
	if err := json.Unmarshal(document, &head); errors.As(err, &other) {
		return fmt.Errorf("%w: format_version is a %s", ErrNotPlan, other.Value)
	} else if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if head.FormatVersion == nil {
		return fmt.Errorf("%w: it has no format_version", ErrNotPlan)
	}
	return majorFits(*head.FormatVersion)
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

func checkDigest(document []byte) error {
	at, err := findDigest(document)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	written := string(document[at.start:at.end])
	if sum(slices.Concat(document[:at.start], document[at.end:])) != written {
		return fmt.Errorf("%w: its digest does not fit its bytes", ErrDamaged)
	}
	return nil
}

// span is a part of a document, half open.
type span struct{ start, end int }

// findDigest finds the text between the quotes of the outermost "digest". Two of them are refused, since readers
// would not agree on which one counts.
func findDigest(document []byte) (span, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	if _, err := decoder.Token(); err != nil {
		return span{}, err
	}
	var found []span
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return span{}, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return span{}, err
		}
		if key == "digest" && len(value) >= 2 && value[0] == '"' {
			end := int(decoder.InputOffset())
			found = append(found, span{end - len(value) + 1, end - 1})
		}
	}
	if len(found) != 1 {
		return span{}, fmt.Errorf("it has %d digests", len(found))
	}
	return found[0], nil
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
