package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"coppice/internal/plan"
)

func TestConsent(t *testing.T) {
	deadly := &plan.Plan{Cluster: plan.Cluster{Name: "prod"}}
	deadly.Summary.Kill.Segments = 41870
	mild := &plan.Plan{Cluster: plan.Cluster{Name: "prod"}}
	cases := []struct {
		name  string
		asked *plan.Plan
		typed string
		want  bool
	}{
		{"name and number", deadly, "prod 41870\n", true},
		{"spaces do not matter", deadly, "  prod   41870 \r\n", true},
		{"no line end", deadly, "prod 41870", true},
		{"the name alone", deadly, "prod\n", false},
		{"another number", deadly, "prod 41871\n", false},
		{"a thousands separator", deadly, "prod 41,870\n", false},
		{"yes", deadly, "yes\n", false},
		{"no", deadly, "no\n", false},
		{"end of input", deadly, "", false},
		{"only the second line", deadly, "\nprod 41870\n", false},
		{"nothing dies", mild, "prod\n", true},
		{"another cluster", mild, "staging\n", false},
		{"other letters", mild, "PROD\n", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := newMemoryProcess()
			m.terminal(strings.NewReader(c.typed))
			err := consenting{input: true}.consent(t.Context(), &m.process, c.asked)
			if got := err == nil; got != c.want {
				t.Errorf("consent after %q = %v, want consent %v", c.typed, err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), notSent) {
				t.Errorf("the refusal does not say that %s: %v", notSent, err)
			}
		})
	}
}

func TestConsentCannotBeAsked(t *testing.T) {
	asked := &plan.Plan{Cluster: plan.Cluster{Name: "prod"}}
	m := newMemoryProcess()
	m.stdin = strings.NewReader("prod\n")
	for name, c := range map[string]consenting{"no terminal": {input: true}, "input forbidden": {}} {
		err := c.consent(t.Context(), &m.process, asked)
		if codeOf(err) != exitUsage || !strings.Contains(err.Error(), notSent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (consenting{autoApprove: true}).consent(t.Context(), &m.process, asked); err != nil {
		t.Errorf("--auto-approve: %v", err)
	}
}

// TestInterruptAtThePrompt: waiting for an answer ends with the context, though reading cannot.
func TestInterruptAtThePrompt(t *testing.T) {
	reader, writer := io.Pipe()
	defer writer.Close()
	m := newMemoryProcess()
	m.terminal(reader)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errInterrupted)
	err := consenting{input: true}.consent(ctx, &m.process, &plan.Plan{Cluster: plan.Cluster{Name: "prod"}})
	if !errors.Is(err, errInterrupted) {
		t.Errorf("consent = %v, want %v", err, errInterrupted)
	}
}
