package config

import (
	"fmt"
	"slices"
	"sort"

	"coppice/internal/diag"
)

// For returns the policy of a datasource: the block of that exact name, else a copy of the family it belongs to, under
// its own name and without Except. What the copy points to is the family's and must not be changed. It returns nil for
// what is not managed, and for a name that more than one family claims, which Ambiguous reports: no policy is guessed.
func (c *Config) For(name string) *Datasource {
	if exact := c.Find(name); exact != nil {
		return exact
	}
	claiming := c.Claiming(name)
	if len(claiming) != 1 {
		return nil
	}
	member := *claiming[0]
	member.Name, member.Except = name, nil
	return &member
}

// Contested reports whether more than one family claims a name that has no block of its own: Ambiguous says which.
func (c *Config) Contested(name string) bool { return c.Find(name) == nil && len(c.Claiming(name)) > 1 }

// Claiming lists the families that a name belongs to, in their order, whether or not it has a block of its own. It relies on that order: patterns that begin
// alike stand together, so that most are ruled out by a binary search for each character of the name.
func (c *Config) Claiming(name string) []*Datasource {
	if name == "_default" { // Druid's key of the default rules, and no datasource
		return nil
	}
	var found []*Datasource
	possible := c.Families // those that begin with name[:n], literally
	for n := 0; len(possible) > 0; n++ {
		for _, family := range withByte(possible, n, '*') {
			if family.claims(name) {
				found = append(found, family)
			}
		}
		if n == len(name) || name[n] == '*' {
			break
		}
		possible = withByte(possible, n, name[n])
	}
	return found
}

// withByte narrows families that are equal up to byte n to those that have b there.
func withByte(families []*Datasource, n int, b byte) []*Datasource {
	from := sort.Search(len(families), func(i int) bool { return byteAt(families[i].Name, n) >= int(b) })
	to := from + sort.Search(len(families)-from, func(i int) bool { return byteAt(families[from+i].Name, n) > int(b) })
	return families[from:to]
}

// byteAt sorts the end of a name before every byte.
func byteAt(name string, n int) int {
	if n < len(name) {
		return int(name[n])
	}
	return -1
}

func (d *Datasource) claims(name string) bool {
	return Matches(d.Name, name) && !slices.ContainsFunc(d.Except, func(except string) bool { return Matches(except, name) })
}

// Ambiguous reports the pairs of families that claim one of these datasources both, which only names can show: an
// error for each pair, with a datasource as the witness. A name with a block of its own is never ambiguous. The order
// of the names and repeats among them do not matter.
func (c *Config) Ambiguous(names []string) diag.List {
	var overlaps []*overlap
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		if c.Find(name) != nil {
			continue
		}
		claiming := c.Claiming(name)
		for n, one := range claiming {
			for _, other := range claiming[n+1:] {
				overlaps = counted(overlaps, one, other, name)
			}
		}
	}
	var problems diag.List
	for _, o := range overlaps {
		problems = append(problems, o.problem())
	}
	problems.Sort()
	return problems
}

// overlap is what two families both claim.
type overlap struct {
	one, other *Datasource
	// first is a name, and more the number of others.
	first string
	more  int
}

func counted(overlaps []*overlap, one, other *Datasource, name string) []*overlap {
	at := slices.IndexFunc(overlaps, func(o *overlap) bool { return o.one == one && o.other == other })
	if at < 0 {
		return append(overlaps, &overlap{one: one, other: other, first: name})
	}
	overlaps[at].more++
	return overlaps
}

func (o *overlap) problem() diag.Diagnostic {
	earlier, later := o.one, o.other
	if earlier.Origin.Compare(later.Origin) > 0 {
		earlier, later = later, earlier
	}
	also := ""
	if o.more > 0 {
		also = fmt.Sprintf(" (and %d more)", o.more)
	}
	return diag.Diagnostic{
		Severity: diag.Error, Code: "ambiguous-family", Range: later.Origin, Summary: "Two families claim one datasource",
		Detail: fmt.Sprintf("%s%s belongs to %s (%s) and to %s (%s). No pattern is better than another one; a guess could delete data.",
			quote(o.first), also, quote(earlier.Name), place(earlier.Origin), quote(later.Name), place(later.Origin)),
		Hint: fmt.Sprintf("Except it from one of the two, or give it a block of its own: datasource %s { … }.", Literal(o.first)),
	}
}
