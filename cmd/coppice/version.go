package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"coppice/internal/plan"
	"coppice/internal/render"
)

// version is stamped when a release is built (-ldflags "-X main.version=1.2.3").
var version = ""

// toolVersion is the stamped version, else what the Go tool knows of the build.
func toolVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// versions is the document of version --json.
type versions struct {
	FormatVersion string `json:"format_version"`
	Version       string `json:"version"`
	Go            string `json:"go"`
	Platform      string `json:"platform"`
}

func newVersion(p *process, s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Show the version", Args: between(0, 0, "no argument"), Annotations: map[string]string{readsOnly: "yes"},
		RunE: func(*cobra.Command, []string) error { return showVersion(p, s) },
	}
}

// showVersion is also what coppice --version does.
func showVersion(p *process, s *settings) error {
	v := versions{plan.FormatVersion, toolVersion(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	if s.asJSON() {
		return render.JSON(p.stdout, v)
	}
	_, err := fmt.Fprintf(p.stdout, "coppice %s (%s, %s, plan format %s)\n", v.Version, v.Go, v.Platform, v.FormatVersion)
	return err
}
