package main

import (
	"io"
	"os"
	"slices"
	"testing"
)

// BenchmarkPlan makes a whole plan of the configuration in COPPICE_BENCH_CONFIG at the moment COPPICE_BENCH_NOW, for
// profiles: internal/bench keeps some as text in docs/profiles.
func BenchmarkPlan(b *testing.B) {
	at := os.Getenv("COPPICE_BENCH_CONFIG")
	if at == "" {
		b.Skip("COPPICE_BENCH_CONFIG names no configuration to plan")
	}
	for b.Loop() {
		m := newMemoryProcess("plan", "-C", at, "--now", os.Getenv("COPPICE_BENCH_NOW"))
		m.stdout = io.Discard
		if code := run(b.Context(), &m.process); !slices.Contains([]exitCode{exitDone, exitBlocked}, code) {
			b.Fatalf("exit %d: %s", code, m.errs.String())
		}
	}
}
