package druid

import "testing"

func TestParseShardSpec(t *testing.T) {
	cases := []struct {
		text string
		want ShardSpec
	}{
		{``, ShardSpec{Kind: ShardNumbered, HasCore: true, CorePartitions: 1}},
		{`null`, ShardSpec{Kind: ShardNumbered, HasCore: true, CorePartitions: 1}},
		{`{"type":"numbered","partitionNum":3,"partitions":2}`, numbered(3, 2)},
		{`{"type":"numbered"}`, numbered(0, 0)},
		{`{"type":"hashed","partitionNum":1,"partitions":2,"bucketId":1,"partitionDimensions":[]}`,
			ShardSpec{Kind: ShardHashed, HasCore: true, Partition: 1, CorePartitions: 2}},
		{`{"type":"single","dimension":"x","start":"a","end":null,"partitionNum":1,"numCorePartitions":2}`,
			ShardSpec{Kind: ShardSingle, HasCore: true, Partition: 1, CorePartitions: 2}},
		{`{"type":"single","dimension":"x","start":"a","end":null,"partitionNum":1}`,
			ShardSpec{Kind: ShardSingle, Partition: 1, Start: `["a"]`}},
		{`{"type":"single","dimension":"x","start":null,"end":"b","partitionNum":0,"numCorePartitions":-1}`,
			ShardSpec{Kind: ShardSingle, End: `["b"]`}},
		{`{"type":"range","dimensions":["x","y"],"end":["a", null],"partitionNum":0,"numCorePartitions":null}`,
			ShardSpec{Kind: ShardRange, End: `["a",null]`}},
		{`{"type":"linear","partitionNum":7}`, ShardSpec{Kind: ShardLinear, Partition: 7}},
		{`{"type":"none"}`, ShardSpec{Kind: ShardNone, HasCore: true, CorePartitions: 1}},
		{`{"type":"tombstone"}`, tombstone},
		{`{"type":"numbered_overwrite","partitionId":32768,"startRootPartitionId":0,"endRootPartitionId":2,"minorVersion":1,"atomicUpdateGroupSize":3}`,
			ShardSpec{Kind: ShardOverwrite, Partition: 32768, RootEnd: 2, Minor: 1, AtomicSize: 3}},
		{`{"type":"dim_value_set","partitionNum":1}`, ShardSpec{Kind: ShardUnknown}},
	}
	for _, c := range cases {
		if got, err := ParseShardSpec([]byte(c.text)); err != nil || got != c.want {
			t.Errorf("ParseShardSpec(%s) = %+v, %v, want %+v", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{`{}`, `[]`, `{"type":5}`, `{"type":"numbered","partitionNum":-1}`, `x`, `{"type":"linear","partitionNum":"1"}`,
		`{"type":"numbered","partitionNum":1.5}`, `{"type":"numbered","partitions":2147483648}`, `{"type":"single","start":5}`, `{"type":"single","numCorePartitions":-2}`,
		`{"type":"numbered_overwrite","minorVersion":40000}`} {
		if got, err := ParseShardSpec([]byte(text)); err == nil {
			t.Errorf("ParseShardSpec(%s) = %+v, want an error", text, got)
		}
	}
}

// TestGroupComplete cites PartitionHolder.isComplete.
func TestGroupComplete(t *testing.T) {
	old := func(partition int32, start, end string) ShardSpec {
		return ShardSpec{Kind: ShardSingle, Partition: partition, Start: start, End: end}
	}
	linear := ShardSpec{Kind: ShardLinear, Partition: 3}
	cases := []struct {
		name   string
		shards []ShardSpec
		want   bool
	}{
		{"none", nil, false},
		{"one of one", []ShardSpec{numbered(0, 1)}, true},
		{"in any order", []ShardSpec{numbered(2, 3), numbered(0, 3), numbered(1, 3)}, true},
		{"the first is missing", []ShardSpec{numbered(1, 3), numbered(2, 3)}, false},
		{"the last is missing", []ShardSpec{numbered(0, 3), numbered(1, 3)}, false},
		{"one between is missing", []ShardSpec{numbered(0, 3), numbered(2, 3)}, false},
		{"appended behind a gap", []ShardSpec{numbered(0, 2), numbered(1, 2), numbered(7, 2)}, true},
		{"appended, core missing", []ShardSpec{numbered(0, 2), numbered(7, 2)}, false},
		{"appended only", []ShardSpec{numbered(4, 0)}, true},
		{"hashed with a numbered one appended", []ShardSpec{{Kind: ShardHashed, HasCore: true, CorePartitions: 1}, numbered(1, 1)}, true},
		{"old single, whole", []ShardSpec{old(0, "", "b"), old(1, "b", "d"), old(2, "d", "")}, true},
		{"old single, torn", []ShardSpec{old(0, "", "b"), old(1, "c", "")}, false},
		{"old single, open start missing", []ShardSpec{old(1, "b", "")}, false},
		{"linear", []ShardSpec{linear}, true},
		{"core counts that differ, as Druid walks them", []ShardSpec{numbered(0, 3), numbered(2, 2), numbered(3, 4)}, true},
		{"core counts that differ, with a hole", []ShardSpec{numbered(0, 3), numbered(2, 2), numbered(4, 5)}, false},
		{"none spec", []ShardSpec{{Kind: ShardNone}}, true},
		{"tombstone", []ShardSpec{tombstone}, true},
		{"unknown", []ShardSpec{{}}, false},
		{"minor versions", []ShardSpec{{Kind: ShardOverwrite}}, false},
		{"complete, then unknown", []ShardSpec{numbered(0, 2), {Partition: 1}}, false},
	}
	for _, c := range cases {
		if got := GroupComplete(c.shards); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
