package druid

import "testing"

func TestParseListedSegment(t *testing.T) {
	const at = "2026-01-01T00:00:00.000Z"
	moment, err := ParseInstant(at)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		text, payload   string
		created, marked Instant
		root            string
		bad             bool
	}{
		"all":           {`{"dataSegment":{"a":[1]},"createdDate":"` + at + `","usedStatusLastUpdatedDate":"` + at + `","schemaFingerprint":null,"upgradedFromSegmentId":"r"}`, `{"a":[1]}`, moment, moment, "r", false},
		"nulls":         {`{"dataSegment":null,"createdDate":null,"usedStatusLastUpdatedDate":null,"upgradedFromSegmentId":null}`, "", NoInstant, NoInstant, "", false},
		"no envelope":   {`{"dataSource":"d","interval":"i"}`, "", NoInstant, NoInstant, "", false},
		"no moments":    {`{"dataSegment":{},"createdDate":"soon","usedStatusLastUpdatedDate":17}`, `{}`, NoInstant, NoInstant, "", false},
		"escapes":       {`{"\u0064ataSegment":{"a":"\u00e4"},"upgradedFromSegmentId":"\u00e4"}`, `{"a":"\u00e4"}`, NoInstant, NoInstant, "ä", false},
		"a list":        {`[]`, "", NoInstant, NoInstant, "", true},
		"broken inside": {`{"dataSegment":{"a":}}`, "", NoInstant, NoInstant, "", true},
		"cut short":     {`{"dataSegment":{"a":1}`, "", NoInstant, NoInstant, "", true},
		"nothing":       {``, "", NoInstant, NoInstant, "", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseListedSegment([]byte(test.text))
			if (err != nil) != test.bad {
				t.Fatalf("the error is %v", err)
			}
			if test.bad {
				return
			}
			if string(got.Payload) != test.payload || got.CreatedAt != test.created || got.MarkedAt != test.marked || got.Root != test.root {
				t.Errorf("got %s, created %s, marked %s, root %q", got.Payload, got.CreatedAt, got.MarkedAt, got.Root)
			}
		})
	}
}

// FuzzParseListedSegment: it never panics, and payloads are valid parts.
func FuzzParseListedSegment(f *testing.F) {
	f.Add([]byte(`{"dataSegment":{"a":"\u00e4"},"createdDate":"2026-01-01T00:00:00.000Z"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := ParseListedSegment(data)
		if err == nil && got.Payload != nil {
			if _, err := ParseDataSegment(got.Payload); err != nil && err.Error() == "not valid JSON" {
				t.Errorf("%q has the payload %q", data, got.Payload)
			}
		}
	})
}
