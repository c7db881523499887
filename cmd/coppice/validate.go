package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"coppice/config"
	"coppice/internal/diag"
	"coppice/internal/plan"
	"coppice/internal/render"
)

func newValidate(p *process, s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "validate",
		Short: "Check the configuration without a cluster",
		Long: `validate reads the configuration and shows all mistakes at once, each with its place and what to do. It opens no
connection. Variables that env() names must be set; with --cluster only those of that cluster. Exit code 78 means that there is a mistake.`,
		Args: between(0, 0, "no argument"), Annotations: map[string]string{readsOnly: "yes", moreFormats: "github"},
		RunE: func(*cobra.Command, []string) error { return validate(p, s) },
	}
}

func validate(p *process, s *settings) error {
	cfg, tests, list, err := loadTests(p, s)
	if err != nil {
		return err
	}
	if !list.HasErrors() && s.cluster != "" {
		_, more := cfg.Select(s.cluster)
		list = append(list, more...)
	}
	if err := showValidation(p, s, cfg, tests, list); err != nil {
		return err
	}
	if list.HasErrors() {
		return leave(exitConfig)
	}
	return nil
}

// validation is the document of validate --json.
type validation struct {
	FormatVersion string    `json:"format_version"`
	Valid         bool      `json:"valid"`
	Diagnostics   diag.List `json:"diagnostics"`
}

func showValidation(p *process, s *settings, cfg *config.Config, tests []*config.Test, list diag.List) error {
	switch s.format {
	case "json":
		return render.JSON(p.stdout, validation{plan.FormatVersion, !list.HasErrors(), append(diag.List{}, list...)})
	case "github":
		return render.GitHub(p.stdout, list, s.folder)
	}
	if err := render.Diagnostics(p.stdout, list, cfg.Files, s.look(p, p.stdout)); err != nil || list.HasErrors() {
		return err
	}
	counts := []string{plural(len(cfg.Clusters), "cluster"), plural(len(cfg.Datasources), "datasource")}
	switch n := len(cfg.Families); {
	case n == 1:
		counts = append(counts, "1 family")
	case n > 1:
		counts = append(counts, fmt.Sprintf("%d families", n))
	}
	if len(tests) > 0 {
		counts = append(counts, plural(len(tests), "test"))
	}
	_, err := fmt.Fprintf(p.stdout, "The configuration is valid: %s.\n", strings.Join(counts, ", "))
	return err
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// loadTests is load with the policy tests beside the configuration.
func loadTests(p *process, s *settings) (*config.Config, []*config.Test, diag.List, error) {
	if _, err := s.files(); err != nil {
		return nil, nil, nil, err
	}
	options, err := s.values(p)
	if err != nil {
		return nil, nil, nil, err
	}
	cfg, tests, list := config.LoadTests(os.DirFS(s.directory), options)
	return cfg, tests, list, nil
}

// load reads the configuration. The error is about the directory; mistakes inside are in the list.
func load(p *process, s *settings) (*config.Config, diag.List, error) {
	files := s.tree
	if files == nil {
		if _, err := s.files(); err != nil {
			return nil, nil, err
		}
		files = os.DirFS(s.directory)
	}
	options, err := s.values(p)
	if err != nil {
		return nil, nil, err
	}
	cfg, list := config.Load(files, options)
	return cfg, list, nil
}

// settle reads the configuration for a command that needs it without mistakes, and chooses the cluster. What is wrong
// goes to standard error.
func settle(p *process, s *settings) (*config.Config, *config.Cluster, error) {
	cfg, list, err := load(p, s)
	if err != nil {
		return nil, nil, err
	}
	return chosen(p, s, cfg, list, func(cfg *config.Config) (*config.Cluster, diag.List) { return cfg.Select(s.cluster) })
}

// chosen refuses a configuration with mistakes, and chooses the cluster of one without.
func chosen(p *process, s *settings, cfg *config.Config, list diag.List,
	choose func(*config.Config) (*config.Cluster, diag.List)) (*config.Config, *config.Cluster, error) {
	var cluster *config.Cluster
	if !list.HasErrors() {
		var more diag.List
		cluster, more = choose(cfg)
		list = append(list, more...)
	}
	if err := render.Diagnostics(p.stderr, list, cfg.Files, s.look(p, p.stderr)); err != nil {
		return nil, nil, err
	}
	if list.HasErrors() {
		return nil, nil, leave(exitConfig)
	}
	return cfg, cluster, nil
}
