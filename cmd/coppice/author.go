package main

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// author is who Druid's audit history names for rule changes: COPPICE_AUTHOR, else user@host.
func author(p *process) string {
	if name := p.value("COPPICE_AUTHOR"); name != "" {
		return name
	}
	user := p.value("USER")
	if user == "" {
		user = "coppice"
	}
	if host, err := os.Hostname(); err == nil {
		return user + "@" + host
	}
	return user
}

var commitName = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

// commit is the configuration's git commit; empty when it is not known, since it is for people only.
func commit(ctx context.Context, directory string) string {
	out, err := exec.CommandContext(ctx, "git", "-C", directory, "rev-parse", "--short=12", "HEAD").Output()
	if text := strings.TrimSpace(string(out)); err == nil && commitName.MatchString(text) {
		return text
	}
	return ""
}
