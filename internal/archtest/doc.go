// Package archtest holds the rules about the code itself, as data: who may import whom, and what certain packages
// never do. Its tests walk the module and fail with the file, the line and the sentence that explains the rule.
//
// Only the source text is read (go/parser), nothing is built. Start reading at table.go; a new package needs a line
// there.
package archtest
