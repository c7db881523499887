package render

import "github.com/fatih/color"

// ink is what a piece of text is painted with.
type ink uint8

const (
	inkPlain ink = iota
	inkBold
	inkFaint
	inkDanger
	inkWarning
	inkGood
	inkNote
)

// painter holds one colour per ink; nil colours paint nothing.
type painter [inkNote + 1]*color.Color

// newPainter makes colours that are on or off by themselves, whatever the library thinks of the process's terminal.
func newPainter(on bool) painter {
	var p painter
	if !on {
		return p
	}
	p = painter{
		inkBold:    color.New(color.Bold),
		inkFaint:   color.New(color.Faint),
		inkDanger:  color.New(color.FgRed, color.Bold),
		inkWarning: color.New(color.FgYellow),
		inkGood:    color.New(color.FgGreen),
		inkNote:    color.New(color.FgCyan),
	}
	for _, one := range p[inkBold:] {
		one.EnableColor()
	}
	return p
}

// in paints text.
func (p painter) in(i ink, text string) string {
	if p[i] == nil || text == "" {
		return text
	}
	return p[i].Sprint(text)
}
