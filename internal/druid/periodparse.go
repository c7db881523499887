package druid

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// ParsePeriod reads a period as Druid reads the string of a rule (Joda's ISOPeriodFormat.standard): P1Y2M3W4DT5H6M7.008S
// with fields left out at will (even all: P is zero), signs on single fields, and either case. Characters up to U+0020
// at both ends are cut off. An empty text is an error here; in a rule it is no period.
func ParsePeriod(text string) (Period, error) { return parsePeriod(trimJava(text)) }

// trimJava is String.trim: every character up to U+0020, NUL included, at both ends.
func trimJava(text string) string {
	return strings.TrimFunc(text, func(c rune) bool { return c <= ' ' })
}

func parsePeriod(text string) (Period, error) {
	p, err := scanPeriod(text)
	if err != nil {
		return Period{}, &TextError{"period", text, reason(err)}
	}
	return p, nil
}

// reason is the short part of an error.
func reason(err error) string {
	var bad *TextError
	if errors.As(err, &bad) {
		return bad.Why
	}
	return err.Error()
}

var (
	errNoPeriod = errors.New("expected a form like P30D, P1Y6M or PT36H")
	errNumber   = errors.New("not a number that a period can hold")
)

// scanPeriod takes the fields before T and those after it; T needs a field behind it, and such a field needs T.
func scanPeriod(text string) (p Period, err error) {
	if text == "" || text[0]|0x20 != 'p' {
		return p, errNoPeriod
	}
	rest, err := p.scanFields(text[1:], "YMWD", []*int32{&p.Years, &p.Months, &p.Weeks, &p.Days})
	if err != nil || rest == "" {
		return p, err
	}
	if rest[0]|0x20 != 't' || len(rest) == 1 {
		return p, errNoPeriod
	}
	rest, err = p.scanFields(rest[1:], "HMS", []*int32{&p.Hours, &p.Minutes, &p.Seconds})
	if err == nil && rest != "" {
		err = errNoPeriod
	}
	return p, err
}

// scanFields reads numbers with a unit letter, in the order of units, until something else comes.
func (p *Period) scanFields(text, units string, fields []*int32) (string, error) {
	for i := range fields {
		size, letter := scanNumber(text)
		if !sameLetter(letter, units[i]) {
			continue
		}
		var err error
		if units[i] == 'S' {
			p.Seconds, p.Millis, err = secondsField(text[:size])
		} else {
			*fields[i], err = wholeField(text[:size])
		}
		if err != nil {
			return "", err
		}
		text = text[size+len(string(letter)):]
	}
	return text, nil
}

// scanNumber returns the length of what may be a number, and the character behind it (0 at the end).
func scanNumber(text string) (int, rune) {
	for i, c := range text {
		if !strings.ContainsRune("0123456789.,+-", c) {
			return i, c
		}
	}
	return len(text), 0
}

// sameLetter compares as Java does without regard to case: the long s (U+017F) is an S too.
func sameLetter(c rune, upper byte) bool {
	return c == rune(upper) || c == rune(upper|0x20) || upper == 'S' && c == '\u017F'
}

// mostDigits is what Joda reads of one number, counting leading zeros and fraction digits; a plus sign buys one more.
const mostDigits = 10

func wholeField(text string) (int32, error) {
	sign, digits, most := splitSign(text)
	if digits == "" || len(digits) > most || !allDigits(digits) {
		return 0, errNumber
	}
	return int32Of(sign + digits)
}

func int32Of(text string) (int32, error) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, errNumber
	}
	return int32(n), nil
}

// splitSign parts the sign off when a digit follows it.
func splitSign(text string) (sign, rest string, most int) {
	if len(text) > 1 && isDigit(text[1]) {
		switch text[0] {
		case '+':
			return "", text[1:], mostDigits + 1
		case '-':
			return "-", text[1:], mostDigits
		}
	}
	return "", text, mostDigits
}

func allDigits(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return true
}

// secondsField reads seconds with an optional fraction, of which it keeps three digits.
func secondsField(text string) (seconds, millis int32, err error) {
	sign, rest, most := splitSign(text)
	at := strings.IndexAny(rest, ".,")
	if at < 0 {
		seconds, err = wholeField(text)
		return seconds, 0, err
	}
	whole, fraction := rest[:at], rest[at+1:]
	// The point itself is read only while the limit of digits is not used up.
	if whole+fraction == "" || len(whole) >= most || len(whole)+len(fraction) > most || !allDigits(whole+fraction) {
		return 0, 0, errNumber
	}
	if seconds, err = int32Of(sign + "0" + whole); err != nil {
		return 0, 0, err
	}
	millis, err = int32Of(sign + (fraction + "000")[:3])
	return seconds, millis, err
}

// periodOfMillis is Joda's Period of a number of milliseconds: hours, minutes, seconds and millis, never days.
func periodOfMillis(millis int64) (Period, error) {
	hours := millis / hourMillis
	if hours > math.MaxInt32 || hours < math.MinInt32 {
		return Period{}, &TextError{"period", strconv.FormatInt(millis, 10), "more hours than a period can hold"}
	}
	return Period{Hours: int32(hours), Minutes: int32(millis / minuteMillis % 60), Seconds: int32(millis / secondMillis % 60),
		Millis: int32(millis % secondMillis)}, nil
}
