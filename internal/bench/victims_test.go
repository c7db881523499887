package main

import (
	"bytes"
	"testing"
)

// TestAMillionVictims: a plan that deletes a million segments which lie in three thousand runs is a document of at most
// 5 MB, a screen that can be read, and a comment that GitHub takes; and what was saved can be carried out.
func TestAMillionVictims(t *testing.T) {
	const victims, documentBytes, lines = 1_000_000, 5 << 20, 60
	in, err := compacted(victims)
	if err != nil {
		t.Fatal(err)
	}
	o, err := through(in)
	if err != nil {
		t.Fatal(err)
	}
	kill := o.read.Summary.Kill
	t.Logf("%d victims, %d tasks, document %d bytes, text %d lines, markdown %d bytes", kill.Segments, kill.Tasks, len(o.document),
		bytes.Count(o.text, []byte("\n")), len(o.markdown))
	if kill.Segments < victims || len(o.read.Actions) != kill.Tasks {
		t.Errorf("%d segments in %d tasks, %d actions", kill.Segments, kill.Tasks, len(o.read.Actions))
	}
	if len(o.document) > documentBytes {
		t.Errorf("the document has %d bytes, more than %d", len(o.document), documentBytes)
	}
	if n := bytes.Count(o.text, []byte("\n")); n > lines {
		t.Errorf("the text has %d lines:\n%s", n, o.text)
	}
	if len(o.markdown) > 65_536 {
		t.Errorf("the comment has %d bytes", len(o.markdown))
	}
}
