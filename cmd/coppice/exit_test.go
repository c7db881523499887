package main

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"coppice/executor"
)

// TestExitCodes holds the table that scripts depend on.
func TestExitCodes(t *testing.T) {
	for code, want := range map[exitCode]int{exitDone: 0, exitError: 1, exitChanges: 2, exitBlocked: 3, exitStale: 4, exitPartial: 5,
		exitLocked: 6, exitDifference: 7, exitUsage: 64, exitConfig: 78, exitInterrupted: 130} {
		if int(code) != want {
			t.Errorf("code %d is promised to be %d", code, want)
		}
		if !slices.Contains(precedence, code) {
			t.Errorf("code %d has no place in the precedence", code)
		}
	}
}

func TestWorst(t *testing.T) {
	// The promised order: 130, 1, 7, 5, 4, 3, 2, 0.
	order := []exitCode{130, 1, 7, 5, 4, 3, 2, 0}
	for i, first := range order {
		for _, second := range order[i:] {
			if got := worst(second, first); got != first {
				t.Errorf("worst(%d, %d) = %d, want %d", second, first, got, first)
			}
		}
	}
	if got := worst(); got != exitDone {
		t.Errorf("worst() = %d, want 0", got)
	}
}

// TestEveryClassHasACode walks the classes of a report in the order of their precedence.
func TestEveryClassHasACode(t *testing.T) {
	want := []exitCode{0, 3, 4, 5, 7, 1, 130}
	for class := executor.ClassDone; class <= executor.ClassInterrupted; class++ {
		code, ok := classCodes[class]
		if !ok || code != want[class] {
			t.Errorf("class %s ends with %d (known: %v), want %d", class, code, ok, want[class])
		}
		if class > 0 && worst(code, want[class-1]) != code {
			t.Errorf("class %s comes after %s for the executor, and before it for exit codes", class, class-1)
		}
	}
}

func TestCodeOf(t *testing.T) {
	cases := []struct {
		name string
		err  error
		want exitCode
		said bool
	}{
		{"nothing", nil, 0, false},
		{"any error", errors.New("x"), 1, false},
		{"with a code", failf(exitStale, "old"), 4, false},
		{"wrapped", fmt.Errorf("apply: %w", failf(exitLocked, "held")), 6, false},
		{"joined", errors.Join(leave(exitBlocked), errors.New("x")), 3, true},
		{"left", leave(exitChanges), 2, true},
		{"left with nothing", leave(exitDone), 0, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := codeOf(c.err); got != c.want {
				t.Errorf("codeOf = %d, want %d", got, c.want)
			}
			if got := said(c.err); got != c.said {
				t.Errorf("said = %v, want %v", got, c.said)
			}
		})
	}
}
