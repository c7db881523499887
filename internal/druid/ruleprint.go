package druid

import (
	"bytes"
	"unicode/utf8"
)

// MarshalJSON prints the rule as Druid does: all fields of the kind in a fixed order, type last. A kind that this
// version does not know is printed as it was read.
func (r Rule) MarshalJSON() ([]byte, error) { return r.print(nil), nil }

// MarshalJSON prints the list as Druid stores it and answers with it.
func (l RuleList) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i := range l {
		if i > 0 {
			b = append(b, ',')
		}
		b = l[i].print(b)
	}
	return append(b, ']'), nil
}

func (r *Rule) print(b []byte) []byte {
	if r.Raw != nil {
		return append(b, bytes.TrimSpace(r.Raw)...)
	}
	fields := r.parameters()
	b = append(b, '{')
	if fields&hasPeriod != 0 {
		b = append(appendPeriod(append(b, `"period":`...), r.Period), ',')
	}
	if fields&hasInterval != 0 {
		b = append(appendInterval(append(b, `"interval":`...), r.Interval), ',')
	}
	if fields&hasFuture != 0 {
		b = append(appendBool(append(b, `"includeFuture":`...), r.IncludeFuture), ',')
	}
	if fields&hasReplicants != 0 {
		b = append(appendReplicants(append(b, `"tieredReplicants":`...), r.replicants()), ',')
		b = append(appendBool(append(b, `"useDefaultTierForNull":`...), r.UseDefaultTierForNull), ',')
	}
	return append(appendText(append(b, `"type":`...), r.Type), '}')
}

func appendPeriod(b []byte, p *Period) []byte {
	if p == nil {
		return append(b, "null"...)
	}
	return appendText(b, p.String())
}

func appendInterval(b []byte, i *Interval) []byte {
	if i == nil {
		return append(b, "null"...)
	}
	return appendText(b, i.String())
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, "true"...)
	}
	return append(b, "false"...)
}

func appendReplicants(b []byte, l Replicants) []byte {
	b = append(b, '{')
	for i, tier := range l {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, tier.Tier), ':')
		b = appendPadded(b, int64(max(tier.Count, 0)), 1)
	}
	return append(b, '}')
}

// appendText quotes as Jackson does: nothing but control characters, quotes and backslashes is escaped.
func appendText(b []byte, text string) []byte {
	const hex = "0123456789ABCDEF"
	b = append(b, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', byte(c))
		case c >= ' ':
			b = utf8.AppendRune(b, c)
		case shortEscape(c) != 0:
			b = append(b, '\\', shortEscape(c))
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(b, '"')
}

func shortEscape(c rune) byte {
	switch c {
	case '\b':
		return 'b'
	case '\t':
		return 't'
	case '\n':
		return 'n'
	case '\f':
		return 'f'
	case '\r':
		return 'r'
	}
	return 0
}
