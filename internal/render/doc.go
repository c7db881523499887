// Package render turns data into text, or JSON, on a writer: plans, reports, progress, explanations and messages about
// a configuration.
//
// It decides nothing and knows the terminal only as Options: a width, and whether colour is wanted. Colour repeats what
// the words already say. Text that comes from outside (names, messages, source lines) is cleaned of control characters
// first, so that nothing can hide or repaint a line. Every screen is written in time linear in what it shows.
//
// Start reading at plan.go for the order of a plan's screen, at screen.go for how a line comes about.
package render
