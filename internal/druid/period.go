package druid

// Period is an ISO 8601 period, field by field as written: P7D and P1W differ in fields, though not in meaning.
type Period struct {
	Years, Months, Weeks, Days, Hours, Minutes, Seconds, Millis int32
}
