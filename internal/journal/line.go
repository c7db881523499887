package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"

	"coppice/internal/druid"
)

// entry is one line of journal.jsonl. The line ends in a checksum of what comes before it, so that a flipped bit does
// not become another action's outcome.
type entry struct {
	// Seq counts from 1 without a gap.
	Seq  int64         `json:"seq"`
	Time druid.Instant `json:"time"`
	// Apply and Plan are the id of the apply and the digest of its plan.
	Apply   string          `json:"apply"`
	Plan    string          `json:"plan"`
	Kind    string          `json:"kind"`
	Action  string          `json:"action,omitempty"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// Kinds of entries that are not steps of the executor.
const (
	kindBegin  = "begin"
	kindResume = "resume"
)

// errDamaged is wrapped with the number of the line.
var errDamaged = errors.New("the line is damaged")

const (
	sumKey    = `,"sum":"`
	sumLength = len(sumKey) + 8 + len(`"}`)
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encode writes the line, newline included.
func (e entry) encode() ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	body = body[:len(body)-1]
	return fmt.Appendf(body, "%s%08x\"}\n", sumKey, crc32.Checksum(body, castagnoli)), nil
}

// decodeLine reads a line without its newline.
func decodeLine(line []byte) (entry, error) {
	var e entry
	if len(line) < sumLength {
		return e, errDamaged
	}
	body := line[:len(line)-sumLength]
	want := fmt.Appendf(nil, "%s%08x\"}", sumKey, crc32.Checksum(body, castagnoli))
	if !bytes.Equal(want, line[len(body):]) {
		return e, errDamaged
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return e, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return e, nil
}
