package config

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

// tooLong refuses what is past every date of real data, and what no moment of the calendar can be counted back by.
func tooLong(p druid.Period) bool {
	most := druid.Period{Years: 10_000}
	recent := druid.InstantOf(cycleStart)
	limit, _ := most.Before(recent)
	reached, err := p.Before(recent)
	return err != nil || reached < limit
}

func periodOf(a *Attribute, v cty.Value) (druid.Period, *complaint) {
	text, wrong := textOf(a, v)
	if wrong != nil {
		return druid.Period{}, wrong
	}
	p, err := druid.ParsePeriod(text)
	if err != nil {
		return p, badPeriod(a, text, reason(err, "period", text))
	}
	return p, nil
}

// reason is what a parser says, without the text that the message quotes already.
func reason(err error, what, text string) string {
	return strings.TrimPrefix(err.Error(), fmt.Sprintf("bad %s %q: ", what, text))
}

func badPeriod(a *Attribute, text, why string) *complaint {
	c := &complaint{code: "bad-period", summary: a.Name + " is not a usable period",
		detail: fmt.Sprintf("Found %s: %s. Expected %s.", quote(text), why, expectation(a))}
	if guess := periodGuess(text); guess != "" {
		c.hint = fmt.Sprintf("%s = %q", a.Name, guess)
	} else if a.Word != "" && diag.Nearest(text, []string{a.Word}) != "" {
		c.hint = fmt.Sprintf("%s = %q", a.Name, a.Word)
	}
	return c
}

var (
	spokenPeriod = regexp.MustCompile(`(?i)^\s*([0-9]{1,6})\s*(y|years?|mo|months?|w|weeks?|d|days?|h|hours?|min|minutes?|s|seconds?)\s*$`)
	lostT        = regexp.MustCompile(`(?i)^P([0-9]{1,9}[HS])$`)
)

// periodGuess is the period that was probably meant by "30d", "2 weeks" or "P1H".
func periodGuess(text string) string {
	if m := lostT.FindStringSubmatch(text); m != nil {
		return "PT" + strings.ToUpper(m[1])
	}
	m := spokenPeriod.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	switch unit := strings.ToLower(m[2]); {
	case strings.HasPrefix(unit, "mo"):
		return "P" + m[1] + "M"
	case unit[0] == 'h', unit[0] == 'm', unit[0] == 's':
		return "PT" + m[1] + strings.ToUpper(unit[:1])
	default:
		return "P" + m[1] + strings.ToUpper(unit[:1])
	}
}

func rulePeriodValue(a *Attribute, v cty.Value) (any, *complaint) {
	p, wrong := periodOf(a, v)
	return p, wrong
}

func lengthValue(a *Attribute, v cty.Value) (any, *complaint) {
	p, wrong := lengthOf(a, v)
	return p, wrong
}

func lengthOf(a *Attribute, v cty.Value) (druid.Period, *complaint) {
	p, wrong := periodOf(a, v)
	if wrong != nil {
		return p, wrong
	}
	text := v.AsString()
	switch {
	case p.Negative():
		return p, badPeriod(a, text, "it has a negative part and could point into the future")
	case p.Zero() && a.Positive:
		return p, badPeriod(a, text, "it is zero long")
	case a.Fixed && (p.Years != 0 || p.Months != 0):
		return p, badPeriod(a, text, "years and months have no fixed length")
	case tooLong(p):
		return p, badPeriod(a, text, "it is longer than ten thousand years")
	}
	return p, nil
}

func lengthOrWordValue(a *Attribute, v cty.Value) (any, *complaint) {
	if v.Type() == cty.String && v.AsString() == a.Word {
		return (*druid.Period)(nil), nil
	}
	p, wrong := lengthOf(a, v)
	if wrong != nil {
		return nil, wrong
	}
	return &p, nil
}

func intervalOf(a *Attribute, v cty.Value) (druid.Interval, *complaint) {
	text, wrong := textOf(a, v)
	if wrong != nil {
		return druid.Interval{}, wrong
	}
	i, err := druid.ParseInterval(text)
	switch {
	case err != nil:
		return i, badInterval(a, text, reason(err, "interval", text))
	case i.Empty():
		return i, badInterval(a, text, "its start and its end are the same moment, so that nothing lies in it")
	}
	return i, nil
}

func badInterval(a *Attribute, text, why string) *complaint {
	c := &complaint{code: "bad-interval", summary: a.Name + " is not a usable interval",
		detail: fmt.Sprintf("Found %s: %s. Expected \"start/end\", the end after the start and not part of it.", quote(text), why)}
	if guess := intervalGuess(text); guess != "" {
		c.hint = fmt.Sprintf("%s = %q", a.Name, guess)
		if a.Kind == KindIntervals {
			c.hint = fmt.Sprintf("%s = [%q]", a.Name, guess)
		}
	}
	return c
}

// intervalGuess tries the other order and other separators.
func intervalGuess(text string) string {
	for _, separator := range []string{"/", " - ", "_", "..", " to ", " "} {
		start, end, found := strings.Cut(text, separator)
		if !found {
			continue
		}
		for _, guess := range []string{start + "/" + end, end + "/" + start} {
			if i, err := druid.ParseInterval(guess); err == nil && !i.Empty() {
				return guess
			}
		}
	}
	if day, err := druid.ParseInterval(text + "/P1D"); err == nil && !day.Empty() {
		return text + "/P1D"
	}
	return ""
}

func intervalValue(a *Attribute, v cty.Value) (any, *complaint) {
	i, wrong := intervalOf(a, v)
	return i, wrong
}

func intervalsValue(a *Attribute, v cty.Value) (any, *complaint) {
	intervals := []druid.Interval{}
	wrong := eachItem(a, v, func(item cty.Value) *complaint {
		i, wrong := intervalOf(a, item)
		intervals = append(intervals, i)
		return wrong
	})
	return intervals, wrong
}

var (
	dateForm     = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	dateTimeForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$`)
)

func dateValue(a *Attribute, v cty.Value) (any, *complaint) {
	text, wrong := textOf(a, v)
	if wrong != nil {
		return nil, wrong
	}
	if dateForm.MatchString(text) || dateTimeForm.MatchString(text) {
		if t, err := druid.ParseInstant(text); err == nil {
			return t, nil
		}
	}
	return nil, &complaint{code: "bad-date", summary: a.Name + " is not a date",
		detail: "Found " + quote(text) + "; expected a date of the calendar such as " + a.Example +
			" (midnight UTC), or a date-time with its zone such as \"2026-12-31T12:00:00Z\"."}
}

func instantValue(a *Attribute, v cty.Value) (any, *complaint) {
	text, wrong := textOf(a, v)
	if wrong != nil {
		return nil, wrong
	}
	if dateTimeForm.MatchString(text) {
		if t, err := druid.ParseInstant(text); err == nil {
			return t, nil
		}
	}
	return nil, &complaint{code: "bad-instant", summary: a.Name + " is not a date-time with its zone",
		detail: "Found " + quote(text) + "; expected a moment of the calendar such as " + a.Example + ".", hint: instantGuess(a, text)}
}

// instantGuess is midnight UTC of a date, and UTC for a date-time without zone.
func instantGuess(a *Attribute, text string) string {
	for _, behind := range []string{"T00:00:00Z", "Z"} {
		guess := text + behind
		if _, err := druid.ParseInstant(guess); err == nil && dateTimeForm.MatchString(guess) {
			return fmt.Sprintf("%s = %q", a.Name, guess)
		}
	}
	return ""
}
