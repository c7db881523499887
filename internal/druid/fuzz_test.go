package druid

import "testing"

// Each target: no text makes the parser panic, and what it takes prints to a text that means the same.

func FuzzParseInstant(f *testing.F) {
	for _, text := range []string{"2026-03-31T12:34:56.789Z", "2026-W53-7T12,5+23:59", "-292275055-05-16T16:47:04.192Z", "292278994-W33", "T1", "+"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if x, ok := StoredInstant(text); ok && x.String() != text {
			t.Errorf("%q is taken for the stored form of %s", text, x)
		}
		x, err := ParseInstant(text)
		if err != nil || !x.Known() {
			return
		}
		if back, err := ParseInstant(x.String()); err != nil || back != x {
			t.Errorf("%q prints %s, which is %d (%v), not %d", text, x, back, err, x)
		}
	})
}

func FuzzParseInterval(f *testing.F) {
	for _, text := range []string{"2020/2021", "P1M/2020-03-31", "2020-01-31T22:00-05:00/P1M", "-292275055-W01/P1D", "/", "2020/P"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		i, err := ParseInterval(text)
		if err != nil {
			return
		}
		if back, err := ParseInterval(i.String()); err != nil || back != i {
			t.Errorf("%q prints %s, which is %v (%v)", text, i, back, err)
		}
	})
}

func FuzzParsePeriod(f *testing.F) {
	for _, text := range []string{"P1Y2M3W4DT5H6M7.008S", "P", "PT-0.5S", "PT+2147483647.5S", "p1w2d", " P1D\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePeriod(text)
		if err != nil || !p.readable() {
			return
		}
		if back, err := ParsePeriod(p.String()); err != nil || back != p {
			t.Errorf("%q prints %s, which is %+v (%v)", text, p, back, err)
		}
	})
}

func FuzzParseRule(f *testing.F) {
	for _, text := range []string{`{"type":"loadByPeriod","period":"P1D","tieredReplicants":{"hot":"2"}}`, `null`, `[null]`,
		`{"type":"loadPartialForever","x":[1,{"y":"\u00e9"}]}`, `{"period":30,"type":"dropByPeriod"}`, `{"type":"loadForever"} x`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseRule(text)
		if _, listErr := ParseRuleList(text); err != nil || listErr == nil {
			return
		}
		if _, stops := r.StopsCoordinator(); stops && r.Period != nil {
			return // such as a period that does not read back
		}
		printed, _ := r.MarshalJSON()
		back, err := ParseRule(printed)
		if err != nil || !back.Equal(r) || (RuleList{back}).Digest() != (RuleList{r}).Digest() {
			t.Errorf("%s prints %s, which is %+v (%v)", text, printed, back, err)
		}
		_ = r.DetailedSummary()
		_, _, _ = r.Window(Interval{0, 1})
	})
}

func FuzzParseShardSpec(f *testing.F) {
	for _, text := range []string{`{"type":"numbered","partitionNum":0,"partitions":1}`, `null`, `{"type":"single","start":"a"}`,
		`{"type":"range","end":["a",null]}`, `{"type":"numbered_overwrite","partitionId":32768}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := ParseShardSpec(text); err == nil && GroupComplete([]ShardSpec{s}) != completeSet([]*ShardSpec{&s}) {
			t.Errorf("%s: two answers", text)
		}
	})
}

func FuzzParseSegmentID(f *testing.F) {
	f.Add("d", "d_2020-01-01T00:00:00.000Z_2020-01-02T00:00:00.000Z_v_3")
	f.Add("a_b", "a_b_2020-1-1T0:0:0.0z_292278994-01-01T00:00:00.000Z__5")
	f.Fuzz(func(t *testing.T, dataSource, text string) {
		id, err := ParseSegmentID(dataSource, text)
		if err != nil {
			return
		}
		if back, err := ParseSegmentID(dataSource, id.String()); err != nil || back != id {
			t.Errorf("%q prints %s, which is %+v (%v)", text, id, back, err)
		}
	})
}
