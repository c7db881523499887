package metastore

import "testing"

func TestPlaceOf(t *testing.T) {
	for text, want := range map[string]uint64{"(0,1)": 1, "(7,65535)": 7<<16 | 65535, "(4294967295,2)": 4294967295<<16 | 2, "": 0, "(1)": 0, "(a,1)": 0, "(1,)": 0, "(1,65536)": 0} {
		if got := placeOf([]byte(text)); got != want {
			t.Errorf("%q is place %d, want %d", text, got, want)
		}
	}
}
