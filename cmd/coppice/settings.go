package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"coppice/config"
	"coppice/internal/druid"
	"coppice/internal/render"
	"coppice/internal/snapshot"
)

// settings are the values of flags that several commands share.
type settings struct {
	directory, cluster, now, stateDir, format, logLevel string
	json, noColor                                       bool
	targets, excludes                                   []string
	// due: only what is due now is planned.
	due bool
	// snapshot is the file that stands for the cluster; empty: the cluster itself is read.
	snapshot string
	// disconnected: no cluster will be reached, so that no secret needs to be set.
	disconnected bool
	// tree is where the configuration is read when that is not the directory itself.
	tree fs.FS
	// vars are NAME=VALUE as they were typed, valueFiles names of files, both in their order.
	vars, valueFiles []string
	// folder is the configuration's directory as annotations of a pull request name it: from the root of its git repository,
	// or as it was given where there is none.
	folder string
	// at is now, parsed; NoInstant when it was not given.
	at druid.Instant
}

// common are the flags of all commands.
func (s *settings) common(flags *pflag.FlagSet) {
	flags.StringVarP(&s.directory, "directory", "C", ".", "the directory of the configuration's *.hcl files")
	flags.StringVar(&s.cluster, "cluster", "", "which cluster block to use; needed when there are several")
	flags.StringArrayVar(&s.vars, "var", nil, "value of a variable, NAME=VALUE; may be repeated, and beats --var-file")
	flags.StringArrayVar(&s.valueFiles, "var-file", nil, "file with values of variables, lines NAME = VALUE; may be repeated, later ones win")
	flags.StringVar(&s.now, "now", "", "plan for this instant instead of the present (2026-11-20T09:00:00Z); read-only commands")
	flags.StringVar(&s.stateDir, "state-dir", "", "where the journal lies (default: .coppice in the configuration's directory)")
	flags.StringVar(&s.format, "format", "text", "text or json; plan, show and compare also markdown, for a comment on a pull request; plan, show, validate, lint and test also github, for its lines")
	flags.BoolVar(&s.json, "json", false, "the same as --format json")
	flags.BoolVar(&s.noColor, "no-color", false, "no colour; NO_COLOR in the environment does the same")
	flags.StringVar(&s.logLevel, "log-level", "warn", "trace, debug, info, warn, error or off; logs go to standard error")
}

// selection are the flags of commands that plan.
func (s *settings) selection(flags *pflag.FlagSet) {
	flags.StringArrayVar(&s.targets, "target", nil, "plan only datasources that match this pattern (with *); may be repeated")
	flags.StringArrayVar(&s.excludes, "exclude", nil, "leave out datasources that match this pattern (with *); may be repeated")
}

// offline is the flag of commands that only look: they can do with a snapshot what they do with the cluster.
func (s *settings) offline(flags *pflag.FlagSet) {
	flags.StringVar(&s.snapshot, "snapshot", "", "look at this file of coppice snapshot instead of the cluster; now is when it was taken")
}

// readsOnly marks commands that take --now.
const readsOnly = "reads-only"

// moreFormats lists what a command can write besides text and json, separated by blanks.
const moreFormats = "more-formats"

// orList is "text, json or markdown".
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// check refuses values that make no sense, before the command runs.
func (s *settings) check(cmd *cobra.Command) error {
	if s.json && cmd.Flags().Changed("format") && s.format != "json" {
		return failf(exitUsage, "--json is --format json, and goes not with --format %s", s.format)
	}
	if s.json {
		s.format = "json"
	}
	if formats := append([]string{"text", "json"}, strings.Fields(cmd.Annotations[moreFormats])...); !slices.Contains(formats, s.format) {
		return failf(exitUsage, "--format of %s is %s, not %q", cmd.CommandPath(), orList(formats), s.format)
	}
	if s.format == "github" {
		var ok bool
		if s.folder, ok = belowRoot(cmd.Context(), s.directory); !ok {
			s.folder = s.directory
		}
	}
	if hclog.LevelFromString(s.logLevel) == hclog.NoLevel {
		return failf(exitUsage, "--log-level is trace, debug, info, warn, error or off, not %q", s.logLevel)
	}
	s.disconnected = s.snapshot != ""
	s.at = druid.NoInstant
	if s.now == "" {
		return nil
	}
	if cmd.Annotations[readsOnly] == "" {
		return failf(exitUsage, "%s takes the present moment and no --now; plan and explain take one", cmd.CommandPath())
	}
	var err error
	if s.at, err = druid.ParseInstant(s.now); err != nil {
		return failf(exitUsage, "--now is an instant such as 2026-11-20T09:00:00Z: %w", err)
	}
	return nil
}

// again is how the next command has to begin, to be about the same. Values of variables are not repeated: some are secrets.
func (s *settings) again() string {
	words := []string{"coppice"}
	add := func(flag, value, none string) {
		if value != none {
			words = append(words, flag, word(value))
		}
	}
	add("-C", s.directory, ".")
	add("--cluster", s.cluster, "")
	add("--state-dir", s.stateDir, "")
	for _, file := range s.valueFiles {
		add("--var-file", file, "")
	}
	for _, given := range s.vars {
		name, _, _ := strings.Cut(given, "=")
		words = append(words, "--var", word(name)+"=…")
	}
	return strings.Join(words, " ")
}

// word is one word for a shell.
func word(text string) string {
	special := func(r rune) bool {
		return !strings.ContainsRune("/._-+:@%,", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}
	if text != "" && !strings.ContainsFunc(text, special) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// moment is --now, or the clock's present.
func (s *settings) moment(p *process) druid.Instant {
	if s.at.Known() {
		return s.at
	}
	return p.now()
}

// state is the folder of the journal.
func (s *settings) state() string {
	if s.stateDir != "" {
		return s.stateDir
	}
	return filepath.Join(s.directory, ".coppice")
}

// asJSON says that results are a document.
func (s *settings) asJSON() bool { return s.format == "json" }

// selects says which datasources are planned; nil means all.
func (s *settings) selects() func(name string) bool {
	if len(s.targets) == 0 && len(s.excludes) == 0 {
		return nil
	}
	return func(name string) bool {
		return (len(s.targets) == 0 || matchesAny(s.targets, name)) && !matchesAny(s.excludes, name)
	}
}

// tellUnmatched names the patterns of --target and --exclude that fit no datasource: a slip there plans nothing, or
// leaves nothing out.
func (s *settings) tellUnmatched(p *process, cfg *config.Config, seen *snapshot.Cluster) {
	names := namesIn(cfg, seen)
	p.tellUnmatched("--target ", s.targets, names)
	p.tellUnmatched("--exclude ", s.excludes, names)
}

func (p *process) tellUnmatched(flag string, patterns, names []string) {
	for _, pattern := range patterns {
		if !slices.ContainsFunc(names, func(name string) bool { return config.Matches(pattern, name) }) {
			p.say(fmt.Sprintf("%s%s matches no datasource of the cluster or the configuration%s", flag, pattern, didYouMean(pattern, "", names)))
		}
	}
}

// namesIn are the datasources that have data, or a block of their own.
func namesIn(cfg *config.Config, seen *snapshot.Cluster) []string {
	var names []string
	for _, d := range seen.Datasources {
		names = append(names, d.Name)
	}
	for _, d := range cfg.Datasources {
		names = append(names, d.Name)
	}
	return names
}

func matchesAny(patterns []string, name string) bool {
	for _, pattern := range patterns {
		if config.Matches(pattern, name) {
			return true
		}
	}
	return false
}

// look is how to write to a stream.
func (s *settings) look(p *process, stream any) render.Options {
	dumb := p.value("TERM") == "dumb"
	return render.Options{Width: p.width(stream), Color: p.columns(stream) > 0 && !s.noColor && p.value("NO_COLOR") == "" && !dumb}
}

// logger writes for the operator; never secrets.
func (s *settings) logger(p *process) hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Name: "coppice", Level: hclog.LevelFromString(s.logLevel), Output: p.stderr})
}

// files is the configuration's directory.
func (s *settings) files() (os.FileInfo, error) {
	info, err := os.Stat(s.directory)
	switch {
	case err != nil:
		return nil, failf(exitUsage, "there is no directory %s", s.directory)
	case !info.IsDir():
		return nil, failf(exitUsage, "%s is not a directory", s.directory)
	}
	return info, nil
}

// say writes a line for people to standard error, whatever becomes of it.
func (p *process) say(text string) { _, _ = io.WriteString(p.stderr, text+"\n") }
