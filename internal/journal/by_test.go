package journal

import "testing"

// TestByIsOnRecord: who began an apply is read back, and an earlier journal without it is read all the same.
func TestByIsOnRecord(t *testing.T) {
	past := &Past{}
	if err := past.add(entry{Kind: kindBegin, Payload: []byte(`{"author":"anna","commit":"abc1234"}`)}); err != nil {
		t.Fatal(err)
	}
	if want := (By{"anna", "abc1234"}); past.By != want {
		t.Errorf("got %+v, want %+v", past.By, want)
	}
	if err := past.add(entry{Kind: kindResume}); err != nil || past.By.Author != "anna" {
		t.Errorf("a resumed run: %v, %+v", err, past.By)
	}
	if old := (&Past{}); old.add(entry{Kind: kindBegin}) != nil || old.By != (By{}) {
		t.Errorf("an old journal: %+v", old.By)
	}
}
