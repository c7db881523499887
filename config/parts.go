package config

import "slices"

// unsupported are the parts of the language that are switched off. A part that plans would not obey is refused with
// its reason, never taken and ignored. This is the one place: an entry that is taken out here switches its part on, in
// the decoder and in the printed reference alike.
var unsupported = map[string]bool{
	"families": true,
}

// refusals say why the names of a part are none while it is switched off.
var refusals = map[string]Refusal{
	"families":   {Why: "except belongs to families of datasources, which are not part of this version."},
	"hold":       later("hold", "Write a load rule for the interval in front of the datasource's rules instead."),
	"removal":    later("removal", ""),
	"budget":     later("budget", "max_kill_segments = 100000"),
	"max_future": later("max_future", ""),
}

func later(name, hint string) Refusal {
	return Refusal{Name: name, Why: name + " is not part of this version.", Hint: hint}
}

// withhold takes what is switched off out of a block and its inner blocks; the names are refused instead.
func (b *Block) withhold(off map[string]bool) {
	var withheld []Refusal
	take := func(name, part string) bool {
		if off[part] {
			refusal := refusals[part]
			refusal.Name = name
			withheld = append(withheld, refusal)
		}
		return off[part]
	}
	b.Attributes = slices.DeleteFunc(b.Attributes, func(a Attribute) bool { return take(a.Name, a.part) })
	b.Blocks = slices.DeleteFunc(b.Blocks, func(inner *Block) bool { return take(inner.Name, inner.part) })
	b.Refused = slices.DeleteFunc(b.Refused, func(r Refusal) bool { return take(r.Name, r.part) })
	b.Refused = append(b.Refused, withheld...)
	for _, inner := range b.Blocks {
		inner.withhold(off)
	}
}
