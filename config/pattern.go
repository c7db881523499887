package config

import "strings"

// Matches reports whether a datasource name fits a pattern, in which "*" stands for any number of characters (also
// none) and everything else for itself. It allocates nothing: plans ask it for every name and pattern of a cluster.
func Matches(pattern, name string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == name
	}
	name, fits := strings.CutPrefix(name, first)
	for fits {
		part, behind, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(name, part)
		}
		// The earliest place leaves most of the name to the parts behind it.
		_, name, fits = strings.Cut(name, part)
		rest = behind
	}
	return false
}

func isPattern(name string) bool { return strings.Contains(name, "*") }
