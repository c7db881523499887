package main

import (
	"os"
	"strings"

	"coppice/config"
)

// values are what the command line and the environment give to variables of the configuration. Their texts are in no
// message: a variable may be sensitive.
func (s *settings) values(p *process) (config.Options, error) {
	options := config.Options{Env: p.env, Offline: s.disconnected, Cluster: s.cluster}
	for _, name := range s.valueFiles {
		text, err := os.ReadFile(name)
		if err != nil {
			return options, failf(exitUsage, "--var-file: %w", err)
		}
		options.Values = append(options.Values, config.ValueFile{Name: name, Text: text})
	}
	for n, assignment := range s.vars {
		name, text, ok := strings.Cut(assignment, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return options, failf(exitUsage, "--var is NAME=VALUE, and the one at place %d has no name or no equals sign", n+1)
		}
		options.Vars = append(options.Vars, config.Assignment{Name: name, Text: text})
	}
	return options, nil
}
