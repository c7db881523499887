package config

import "bytes"

// shallow reports that tooDeep would find nothing, as far as that shows without taking the text apart: the parser does that
// once more, which takes most of the time of large files. It holds of lines of names, numbers, brackets and texts without
// escapes and templates, and of comments; each line begins outside of texts then. false means nothing.
func shallow(text []byte) bool {
	depth, chained := 0, 0
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		l, ok := plainLine(line)
		if !ok || depth+l.opened+1 > maxDepth || chained+l.chained > maxDepth { // the one is a text
			return false
		}
		depth = max(depth+l.opened-l.closed, 0)
		if l.ends {
			chained = 0
		}
		chained += l.chained
	}
	return true
}

// lineDepth is what of a line counts. ends: what was chained before it has an end in it.
type lineDepth struct {
	opened, closed, chained int
	ends                    bool
}

func plainLine(line []byte) (l lineDepth, ok bool) {
	for at := 0; at < len(line); at++ {
		switch c := line[at]; {
		case c == '"':
			length := bytes.IndexByte(line[at+1:], '"')
			if length < 0 || bytes.ContainsAny(line[at+1:at+1+length], `\$%`) {
				return l, false
			}
			at += length + 1
		case c == '#':
			return l, true
		case c == '{' || c == '(':
			l.opened++
		case c == '[':
			l.opened++
			l.chained++
		case c == '-':
			l.chained++
		case c == '}' || c == ')' || c == ']':
			l.closed++
		case c == ',' || c == '=' && at+1 < len(line) && line[at+1] != '=' && line[at-min(at, 1)] != '=':
			l.ends = true
		case c != ' ' && c != '\t' && c != '_' && c != '.' && !('0' <= c && c <= '9') && !('a' <= c && c <= 'z') && !('A' <= c && c <= 'Z'):
			return l, false
		}
	}
	return l, true
}
