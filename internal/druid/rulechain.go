package druid

// Chain is the list that decides on a datasource: its own rules, then those of the default (Coordinator's
// getRulesWithDefault). It is never empty on a cluster, but may be here.
type Chain struct {
	Own, Default RuleList
}

// Len is the number of rules in both lists.
func (c Chain) Len() int { return len(c.Own) + len(c.Default) }

// At returns rule i, counted from 0 through both lists.
func (c Chain) At(i int) Rule { return *c.at(i) }

func (c *Chain) at(i int) *Rule {
	if i < len(c.Own) {
		return &c.Own[i]
	}
	return &c.Default[i-len(c.Own)]
}

// Match is what a chain decides on one segment.
type Match struct {
	// Index of the rule that decides, from 0 through both lists (own when below len(Own)); -1 when none applies, which
	// leaves the segment as it is.
	Index int
	// Action of that rule. ActionUnknown with an Index means: a rule of an unknown kind, or one that throws, stands in
	// the way, and what it and the rules behind it do is not known.
	Action Action
	// Err is the exception that ends the Coordinator's rule run; nil for rules of an unknown kind.
	Err error
}

// Match finds the first rule that applies (RunRules). It allocates nothing.
func (c Chain) Match(segment Interval, now Instant) Match {
	for i := range c.Len() {
		r := c.at(i)
		applies, err := r.applies(segment, now)
		if err == ErrUnknownRule {
			return Match{Index: i}
		}
		if err != nil {
			return Match{Index: i, Err: err}
		}
		if applies {
			action, _ := r.kind()
			return Match{Index: i, Action: action}
		}
	}
	return Match{Index: -1}
}

// Broadcasts reports whether Druid treats the datasource as broadcast: one broadcast rule suffices, matched or not.
func (c Chain) Broadcasts() bool {
	for i := range c.Len() {
		if c.at(i).Action() == ActionBroadcast {
			return true
		}
	}
	return false
}
