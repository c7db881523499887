package druid

// Applies reports whether the rule chooses a segment of that interval at a moment, as Rule.appliesTo does. An error
// means that Druid throws, which ends the rule run for every datasource, or ErrUnknownRule. It allocates nothing.
func (r Rule) Applies(segment Interval, now Instant) (bool, error) { return r.applies(segment, now) }

func (r *Rule) applies(segment Interval, now Instant) (bool, error) {
	action, scope := r.kind()
	switch scope {
	case scopeForever:
		return true, nil
	case scopeInterval:
		return r.appliesByInterval(action, segment)
	case scopePeriod:
		return r.appliesByPeriod(action, segment, now)
	case scopeBeforePeriod:
		cutoff, err := r.period().shift(now, -1)
		return err == nil && endedBy(segment, cutoff), err
	}
	if r.null() {
		return false, errNullRule
	}
	return false, ErrUnknownRule
}

// appliesByInterval: loads and broadcasts take what overlaps (Rules.eligibleForLoad), drops only what is contained
// (IntervalDropRule).
func (r *Rule) appliesByInterval(action Action, segment Interval) (bool, error) {
	if r.Interval == nil {
		return false, errNoInterval
	}
	if action == ActionDrop {
		return r.Interval.Contains(segment), nil
	}
	return r.Interval.Overlaps(segment), nil
}

func (r *Rule) appliesByPeriod(action Action, segment Interval, now Instant) (bool, error) {
	window, err := windowOf(r.period(), now)
	if err != nil {
		return false, err
	}
	switch {
	case action == ActionDrop && r.IncludeFuture:
		return startsFrom(segment, window.Start), nil
	case action == ActionDrop:
		return window.Contains(segment), nil
	case r.IncludeFuture:
		return endsAfter(segment, window.Start), nil
	default:
		return window.Overlaps(segment), nil
	}
}

// windowOf is Joda's Interval(period, now), which cannot end before it starts.
func windowOf(p *Period, now Instant) (Interval, error) {
	start, err := p.shift(now, -1)
	if err == nil && start > now {
		err = errNegativePeriod
	}
	return Interval{Start: start, End: now}, err
}

// endsAfter: loadByPeriod with the future reaches everything that ends after the cutoff (Rules.eligibleForLoad).
func endsAfter(segment Interval, cutoff Instant) bool { return cutoff < segment.End }

// startsFrom: dropByPeriod with the future takes everything that starts at the cutoff or later (PeriodDropRule).
func startsFrom(segment Interval, cutoff Instant) bool { return cutoff <= segment.Start }

// endedBy: dropBeforeByPeriod takes everything that has ended at the cutoff (PeriodDropBeforeRule).
func endedBy(segment Interval, cutoff Instant) bool { return segment.End <= cutoff }
