package druid

import (
	"encoding/json"
	"errors"
)

// ListedSegment is an element of the API's lists of unused segments, still as it was written: DataSegmentPlus.
type ListedSegment struct {
	// Payload is the segment's own object; nil when there is no envelope around it (Druid 29).
	Payload []byte
	// CreatedAt and MarkedAt are NoInstant when absent, null or no moment.
	CreatedAt, MarkedAt Instant
	// Root is upgradedFromSegmentId; empty when absent or null.
	Root string
}

// ParseListedSegment reads the envelope, and of the payload no more than where it ends.
func ParseListedSegment(data []byte) (ListedSegment, error) {
	s := ListedSegment{CreatedAt: NoInstant, MarkedAt: NoInstant}
	if plainFields(data, s.take) {
		return s, nil
	}
	if !json.Valid(data) {
		return ListedSegment{}, errors.New("not valid JSON")
	}
	s = ListedSegment{CreatedAt: NoInstant, MarkedAt: NoInstant}
	return s, eachField(data, s.take)
}

func (s *ListedSegment) take(key, value []byte) {
	switch string(key) {
	case "dataSegment":
		if s.Payload = value; string(value) == "null" {
			s.Payload = nil
		}
	case "createdDate":
		s.CreatedAt = listedInstant(value)
	case "usedStatusLastUpdatedDate":
		s.MarkedAt = listedInstant(value)
	case "upgradedFromSegmentId":
		s.Root, _ = plainString(value)
	}
}

// listedInstant is NoInstant for everything but a moment.
func listedInstant(value []byte) Instant {
	text, ok := plainString(value)
	if !ok {
		return NoInstant
	}
	at, err := ParseInstant(text)
	if err != nil {
		return NoInstant
	}
	return at
}
