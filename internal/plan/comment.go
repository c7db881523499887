package plan

import "strings"

const ownComment = "coppice "

// Comment is what goes with every change of rules into Druid's audit log: the start of the plan's digest, and the
// configuration's commit, which may be empty.
func Comment(digest, commit string) string {
	return strings.TrimSpace(ownComment + digest[:min(12, len(digest))] + " " + commit)
}

// OwnComment reports whether a change of rules was made by coppice, by its comment.
func OwnComment(text string) bool { return strings.HasPrefix(text, ownComment) }
