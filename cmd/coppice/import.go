package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"coppice/config"
	"coppice/internal/collect"
	"coppice/internal/declare"
	"coppice/internal/plan"
	"coppice/internal/render"
	"coppice/internal/snapshot"
)

func newImport(p *process, s *settings) *cobra.Command {
	i := importing{process: p, settings: s}
	cmd := &cobra.Command{
		Use:   "import [DATASOURCE-PATTERN...]",
		Short: "Declare the rules that the cluster has, in new files",
		Long: `import reads the rules in force and writes the blocks that declare exactly them, for every datasource that the
configuration does not declare yet (or those that match a pattern) and for the default rules. Lists that several datasources
share become policies, and what a retention block can say becomes one. A plan right afterwards has no changes. Files that
exist are never touched. Nothing is said about deletion: add kill blocks where you want it.`,
		Args: func(*cobra.Command, []string) error { return nil }, Annotations: map[string]string{readsOnly: "yes"},
		RunE: func(cmd *cobra.Command, args []string) error { i.patterns = args; return i.run(cmd.Context()) },
	}
	s.offline(cmd.Flags())
	cmd.Flags().StringVar(&i.out, "out", "imported.hcl", "the file to write, inside the configuration's directory; - writes to standard output")
	return cmd
}

// importing is one run of import.
type importing struct {
	process  *process
	settings *settings
	patterns []string
	out      string
	// unread is what could not be read, so that datasources may be missing.
	unread []string
}

// imported is the document of import --json.
type imported struct {
	FormatVersion string        `json:"format_version"`
	Cluster       string        `json:"cluster"`
	Files         []string      `json:"files"`
	Datasources   int           `json:"datasources"`
	WithRules     int           `json:"datasources_with_rules"`
	Policies      []string      `json:"policies"`
	DefaultRules  bool          `json:"default_rules"`
	Left          []render.Left `json:"left"`
	// NotRead is what could not be read: there may be more datasources.
	NotRead []string `json:"not_read"`
}

func (i *importing) run(ctx context.Context) error {
	if err := i.check(); err != nil {
		return err
	}
	look, err := open(ctx, i.process, i.settings)
	if err != nil {
		return err
	}
	seen, err := look.rules(ctx)
	if err = look.closed(err); err != nil {
		return err
	}
	i.process.tellUnmatched("", i.patterns, namesIn(look.config, seen))
	result, err := declare.Write(i.source(look.config, seen))
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	i.noteUnread(seen, result)
	if result.Datasources == 0 && !result.Default {
		result.Files = nil
	}
	if err := i.save(result); err != nil {
		return err
	}
	return i.tell(look.cluster.Name, result)
}

// check refuses a place to write that is none.
func (i *importing) check() error {
	switch {
	case i.out == "-" && i.settings.asJSON():
		return failf(exitUsage, "--out - and --json both write to standard output: give one of the two")
	case i.out == "-":
		return nil
	case !strings.HasSuffix(i.out, ".hcl") || strings.HasSuffix(i.out, ".test.hcl") || i.out != filepath.Base(i.out):
		return failf(exitUsage, "--out %s: name a file of the configuration's directory that ends in .hcl, such as imported.hcl", i.out)
	}
	return nil
}

// rules reads names and rule lists. A store or an API has no cheaper list of all names than that of all segments; unused
// ones are not asked for over HTTP.
func (l *session) rules(ctx context.Context) (*snapshot.Cluster, error) {
	seen := l.file
	if seen == nil {
		request := l.request()
		request.Datasources, request.Also = []string{}, nil
		read, err := collect.Collect(ctx, request)
		if err != nil {
			return nil, err
		}
		if err := read.Close(); err != nil {
			return nil, err
		}
		seen = read.Cluster
	}
	for _, gap := range seen.Gaps {
		if gap.What == "rules" {
			return nil, fmt.Errorf("the rules could not be read, so that nothing can be declared: %s", gap.Why)
		}
	}
	return seen, nil
}

// source is what the configuration does not say yet.
func (i *importing) source(cfg *config.Config, seen *snapshot.Cluster) declare.Source {
	source := declare.Source{Taken: cfg.Policies, Name: strings.TrimSuffix(i.out, ".hcl")}
	if i.out == "-" {
		source.Name = "imported"
	}
	if cfg.DefaultRules == nil && len(i.patterns) == 0 {
		source.Default = seen.DefaultRules.List
	}
	for _, d := range seen.Datasources {
		if unreadRules(d) != "" {
			continue
		}
		declared := cfg.For(d.Name) != nil || len(cfg.Ambiguous([]string{d.Name})) > 0
		if !declared && (len(i.patterns) == 0 || matchesAny(i.patterns, d.Name)) {
			source.Datasources = append(source.Datasources, declare.Datasource{Name: d.Name, Rules: d.Rules.List})
		}
	}
	return source
}

// unreadRules is why the rules in force of a datasource are not known; empty when they are.
func unreadRules(d *snapshot.Datasource) string {
	for _, gap := range d.Gaps {
		if gap.What == "rules" {
			return gap.Why
		}
	}
	return ""
}

// noteUnread adds what could not be read: datasources whose rules are not known are not declared, and where names may be missing
// nobody can tell what else is not.
func (i *importing) noteUnread(seen *snapshot.Cluster, result *declare.Result) {
	for _, d := range seen.Datasources {
		if why := unreadRules(d); why != "" && (len(i.patterns) == 0 || matchesAny(i.patterns, d.Name)) {
			result.Left = append(result.Left, declare.Left{Datasource: d.Name, Why: "its rules could not be read: " + why})
		}
	}
	slices.SortStableFunc(result.Left, func(a, b declare.Left) int { return strings.Compare(a.Datasource, b.Datasource) })
	for _, gap := range seen.Gaps {
		if slices.Contains([]string{"datasources", "segments", "segment row"}, gap.What) {
			i.unread = append(i.unread, gap.What+": "+gap.Why)
		}
	}
}

// save writes the files, or none when one of them exists.
func (i *importing) save(result *declare.Result) error {
	if i.out == "-" {
		for _, f := range result.Files {
			if _, err := i.process.stdout.Write(f.Text); err != nil {
				return err
			}
		}
		return nil
	}
	for _, f := range result.Files {
		if _, err := os.Lstat(i.settings.beside(f.Name)); !errors.Is(err, fs.ErrNotExist) {
			return failf(exitError, "%s exists, and import touches no file that does: move it away, or write to another one with --out", f.Name)
		}
	}
	for _, f := range result.Files {
		if err := writeNew(i.settings.beside(f.Name), f.Text); err != nil {
			return err
		}
	}
	return nil
}

// writeNew creates a file that people are to edit and to commit.
func writeNew(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}

func (i *importing) tell(cluster string, result *declare.Result) error {
	done := imported{FormatVersion: plan.FormatVersion, Cluster: cluster, Files: []string{}, Datasources: result.Datasources,
		WithRules: result.WithRules, Policies: append([]string{}, result.Policies...), DefaultRules: result.Default, Left: []render.Left{},
		NotRead: append([]string{}, i.unread...)}
	for _, f := range result.Files {
		done.Files = append(done.Files, f.Name)
	}
	for _, l := range result.Left {
		done.Left = append(done.Left, render.Left(l))
	}
	if i.settings.asJSON() {
		return render.JSON(i.process.stdout, done)
	}
	stream := i.process.stdout
	if i.out == "-" {
		stream = i.process.stderr
	}
	return render.Imported(stream, render.Import{Cluster: cluster, Files: done.Files, Datasources: int64(done.Datasources), WithRules: int64(done.WithRules),
		Shared: int64(result.Shared), Policies: int64(len(done.Policies)), DefaultRules: done.DefaultRules, Left: done.Left, NotRead: done.NotRead, Printed: i.out == "-", Again: i.settings.again()},
		i.settings.look(i.process, stream))
}
