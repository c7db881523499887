package druid

import (
	"encoding/json"
	"errors"
	"strings"
)

func judgePeriod(rawIn, rawOut json.RawMessage) (verdict, string) {
	in := decode[struct {
		Text    *string
		Raw     string
		Instant int64
	}](rawIn)
	out := decode[struct {
		OK, Null    bool
		Canonical   string
		Fields      []int32
		Minus       *int64
		WindowError string
		WindowStart *int64
	}](rawOut)
	raw := in.Raw
	if in.Text != nil {
		quoted, _ := json.Marshal(*in.Text)
		raw = string(quoted)
	}
	r, err := ParseRule([]byte(`{"type":"dropBeforeByPeriod","period":` + raw + `}`))
	if out.OK && refusedJSON(err) {
		return refused, ""
	}
	if err != nil || !out.OK {
		return compare((err == nil) == out.OK, r.Period, err)
	}
	if (r.Period == nil) != out.Null {
		return compare(false, r.Period)
	}
	p := *r.period()
	if !out.Null && (p.String() != out.Canonical || !sameFields(p, out.Fields)) {
		return compare(false, p)
	}
	minus, err := p.Before(Instant(in.Instant))
	if (err != nil) != (out.Minus == nil) || err == nil && int64(minus) != *out.Minus {
		return compare(false, "minus", int64(minus), err)
	}
	_, err = windowOf(&p, Instant(in.Instant))
	return compare((err != nil) == (out.WindowError != "") && out.WindowStart == nil, "window", err)
}

func sameFields(p Period, fields []int32) bool {
	return len(fields) == 8 && p == Period{fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], fields[7]}
}

func judgeInterval(rawIn, rawOut json.RawMessage) (verdict, string) {
	in := decode[struct{ Text string }](rawIn)
	out := decode[struct {
		OK         bool
		Start, End int64
		Canonical  string
		JSON       *string
	}](rawOut)
	i, err := ParseInterval(in.Text)
	if err != nil && out.OK && withoutDate(err) {
		return refused, ""
	}
	if err != nil || !out.OK {
		return compare((err == nil) == out.OK, i, err)
	}
	return compare(i == span(out.Start, out.End) && i.String() == out.Canonical && out.JSON == nil, i, int64(i.Start), int64(i.End))
}

// withoutDate recognises the one spelling of time that is refused on purpose.
func withoutDate(err error) bool {
	var bad *TextError
	return errors.As(err, &bad) && bad.Why == "a time without a date"
}

func judgeSegmentID(rawIn, rawOut json.RawMessage) (verdict, string) {
	in := decode[struct {
		DataSource string
		ID         *string
		Start, End int64
		Version    string
		Partition  int32
	}](rawIn)
	if in.ID != nil {
		return judgeParsedID(in.DataSource, *in.ID, rawOut)
	}
	out := decode[struct {
		OK   bool
		ID   string
		Back *idParts
	}](rawOut)
	if in.Start > in.End {
		return compare(!out.OK, "an interval that cannot be made")
	}
	id := SegmentID{in.DataSource, span(in.Start, in.End), in.Version, in.Partition}
	if !out.OK || id.String() != out.ID {
		return compare(false, id)
	}
	back, err := ParseSegmentID(in.DataSource, out.ID)
	switch {
	case out.Back == nil:
		return compare(err == nil && back == id, back, err)
	case out.Back.None:
		return compare(err != nil, back)
	}
	return compare(err == nil && back == out.Back.id(in.DataSource), back, err)
}

type idParts struct {
	None       bool
	Start, End int64
	Version    string
	Partition  int32
}

func (p idParts) id(dataSource string) SegmentID {
	return SegmentID{dataSource, span(p.Start, p.End), p.Version, p.Partition}
}

func judgeParsedID(dataSource, text string, rawOut json.RawMessage) (verdict, string) {
	out := decode[struct {
		OK        bool
		Canonical string
		idParts
	}](rawOut)
	id, err := ParseSegmentID(dataSource, text)
	if err != nil || !out.OK {
		return compare((err == nil) == out.OK, id, err)
	}
	canonical := text
	if out.Canonical != "" {
		canonical = out.Canonical
	}
	return compare(id == out.id(dataSource) && id.String() == canonical, id)
}

// refusedJSON recognises the one form of rule JSON that is refused on purpose.
func refusedJSON(err error) bool {
	return err != nil && (strings.HasSuffix(err.Error(), "text behind the JSON value") || withoutDate(err))
}
