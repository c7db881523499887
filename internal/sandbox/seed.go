package sandbox

import (
	"fmt"

	"coppice/internal/druid"
)

// The sizes of the files of the stories, in bytes.
const (
	dayBytes   = 150_000
	copyBytes  = 400_000
	monthBytes = 500_000

	hour = druid.Instant(3_600_000)
	day  = 24 * hour
)

// Seed fills an empty sandbox with a story as of now. There is one story:
//
// "quickstart": wikipedia, one segment a day of 150 KB, has had the rules "load P60D, drop the rest" for 200 days.
//
//   - The last 60 days are used. Those older than 30 days are what a retention of P30D would drop.
//   - Days 61 to 130 were dropped by that rule as they came of age: unused and expired, the oldest marked 70 days ago.
//   - The day ten days ago was written thirty-one times. The last version is used; thirty copies of 400 KB under it are
//     unused and superseded, marked when their successors came, the last of them more than a week ago.
//   - The day twenty days ago was marked unused by hand five days ago, though the rules keep it and nothing replaces
//     it: nobody knows why, so it is unexplained.
//
// A second datasource, orders, has three used months of 500 KB and no rules of its own, so the cluster's default
// keeps them. Everything together is about 34 MB on disk.
func Seed(s *Sandbox, story string, now druid.Instant) error {
	if story != "quickstart" {
		return fmt.Errorf(`seed sandbox: there is no story %q; there is "quickstart"`, story)
	}
	if !s.Empty() {
		return fmt.Errorf("seed sandbox: %s is not empty", s.dir)
	}
	rules := `[{"type":"loadByPeriod","period":"P60D","tieredReplicants":{"_default_tier":1}},{"type":"dropForever"}]`
	if err := s.SetRules("wikipedia", rules, "admin", "sixty days are enough", now-200*day); err != nil {
		return fmt.Errorf("seed sandbox: %w", err)
	}
	if err := s.AddSegments(quickstart(now)...); err != nil {
		return fmt.Errorf("seed sandbox: %w", err)
	}
	return s.change(func(druid.Instant) error {
		// A leader of a month: what waits for its first minutes is long over.
		s.state.LeaderSince, s.state.LastRunStart, s.state.LastRunEnd = int64(now-30*day), int64(now), int64(now)
		return nil
	})
}

func quickstart(now druid.Instant) []Segment {
	today := now - ((now%day)+day)%day
	var all []Segment
	for ago := druid.Instant(1); ago <= 130; ago++ {
		date := today - ago*day
		segment := daily(date, date+day+hour)
		segment.Used = ago <= 60
		if !segment.Used {
			segment.MarkedAt = min(segment.Interval.End+60*day+2000, now)
		}
		switch ago {
		case 10:
			all = append(all, rewrites(date)...)
			continue
		case 20:
			segment.Used, segment.MarkedAt = false, now-5*day
		}
		all = append(all, segment)
	}
	return append(all, months(today)...)
}

// daily is a segment of one day, written at a moment.
func daily(date, written druid.Instant) Segment {
	return Segment{
		DataSource: "wikipedia", Interval: druid.Interval{Start: date, End: date + day}, Version: written.String(),
		CreatedAt: written, MarkedAt: written, Bytes: dayBytes,
	}
}

// rewrites are thirty-one versions of one day, an hour apart.
func rewrites(date druid.Instant) (versions []Segment) {
	for i := druid.Instant(1); i <= 31; i++ {
		segment := daily(date, date+day+i*hour)
		segment.Bytes = copyBytes
		if segment.Used = i == 31; !segment.Used {
			segment.MarkedAt = date + day + (i+1)*hour + 5000
		}
		versions = append(versions, segment)
	}
	return versions
}

// months are the three whole months before a day's month.
func months(today druid.Instant) (all []Segment) {
	end := monthStart(today)
	for range 3 {
		start := monthStart(end - day)
		written := end + 2*hour
		all = append(all, Segment{
			DataSource: "orders", Interval: druid.Interval{Start: start, End: end}, Version: written.String(),
			CreatedAt: written, MarkedAt: written, Used: true, Bytes: monthBytes,
		})
		end = start
	}
	return all
}

func monthStart(t druid.Instant) druid.Instant {
	date := t.Time()
	return t - druid.Instant(date.Day()-1)*day - ((t%day)+day)%day
}
