package druid

// SegmentID names one segment (org.apache.druid.timeline.SegmentId).
type SegmentID struct {
	DataSource string
	Interval   Interval
	Version    string
	Partition  int32
}
