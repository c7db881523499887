package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes text from outside safe to show: what is not a printable character (control characters, escape
// sequences, marks that turn the direction of writing) is written as its code.
func clean(text string) string {
	if !needsCleaning(text) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// needsCleaning avoids a copy for nearly all text. Bytes that are no UTF-8 count as unprintable.
func needsCleaning(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
}

// cells is how many columns text takes on a terminal.
func cells(text string) int {
	n := 0
	for _, r := range text {
		n += runeCells(r)
	}
	return n
}

// runeCells is 0 for marks that sit on the character before, 2 for the wide letters of East Asia, else 1.
func runeCells(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana), r >= 0xff01 && r <= 0xff60,
		r >= 0x3000 && r <= 0x303f, r >= 0x1f300 && r <= 0x1faff:
		return 2
	}
	return 1
}

// padRight fills text with blanks up to a number of cells; longer text stays whole.
func padRight(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-cells(text)))
}

// padLeft fills blanks in front.
func padLeft(text string, width int) string {
	return strings.Repeat(" ", max(0, width-cells(text))) + text
}

// wrap cleans text and breaks it at blanks into lines of at most width cells; a longer word gets a line of its own, and
// is not cut, since names are copied from the screen. Line ends in the text stay. The result has at least one line.
func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		lines = append(lines, wrapParagraph(clean(paragraph), width)...)
	}
	return lines
}

func wrapParagraph(text string, width int) []string {
	var lines []string
	line, used := strings.Builder{}, 0
	for word := range strings.FieldsSeq(text) {
		size := cells(word)
		if used > 0 && used+1+size > width {
			lines = append(lines, line.String())
			line.Reset()
			used = 0
		}
		if used > 0 {
			line.WriteByte(' ')
			used++
		}
		line.WriteString(word)
		used += size
	}
	return append(lines, line.String())
}

// capital makes the first letter of a sentence a capital.
func capital(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(r)) + text[size:]
}
