package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"coppice/config"
	"coppice/internal/atomicfile"
	"coppice/internal/diag"
	"coppice/internal/plan"
	"coppice/internal/render"
)

func newFmt(p *process, s *settings) *cobra.Command {
	f := &formatting{process: p, settings: s}
	cmd := &cobra.Command{
		Use:   "fmt [PATH...]",
		Short: "Lay files out in HCL's canonical form",
		Long: `fmt formats files, and the *.hcl of folders (without a path, those of the configuration's directory), and names those
that it changed. Only blanks change. A file with a syntax error is left as it is, and said so (exit 78). - formats
standard input to standard output.`,
		Args: func(*cobra.Command, []string) error { return nil },
		RunE: func(_ *cobra.Command, args []string) error { return f.run(args) },
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "write nothing; name what is not formatted, and exit 3 when there is any")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "also show what changes")
	cmd.Flags().BoolVar(&f.recursive, "recursive", false, "folders with all that is in them, hidden ones aside")
	return cmd
}

// formatting is one run of fmt.
type formatting struct {
	process                *process
	settings               *settings
	check, diff, recursive bool
	// changed are the files that are not (or were not) formatted, broken what is wrong in others, with their sources.
	changed []string
	broken  diag.List
	sources map[string][]byte
}

// formatted is the document of fmt --json.
type formatted struct {
	FormatVersion string `json:"format_version"`
	// Changed were written, or with --check are to be.
	Changed     []string  `json:"changed"`
	Diagnostics diag.List `json:"diagnostics"`
}

func (f *formatting) run(paths []string) error {
	if len(paths) == 1 && paths[0] == "-" {
		return f.stream()
	}
	if len(paths) == 0 {
		paths = []string{f.settings.directory}
	}
	f.sources = map[string][]byte{}
	for _, path := range paths {
		if err := f.path(path); err != nil {
			return err
		}
	}
	if err := f.tell(); err != nil {
		return err
	}
	return f.code()
}

// code is what the process ends with.
func (f *formatting) code() error {
	codes := []exitCode{exitDone}
	if f.broken.HasErrors() {
		codes = append(codes, exitConfig)
	}
	if f.check && len(f.changed) > 0 {
		codes = append(codes, exitBlocked)
	}
	if code := worst(codes...); code != exitDone {
		return leave(code)
	}
	return nil
}

func (f *formatting) tell() error {
	if f.settings.asJSON() {
		return render.JSON(f.process.stdout, formatted{plan.FormatVersion, append([]string{}, f.changed...), append(diag.List{}, f.broken...)})
	}
	return render.Diagnostics(f.process.stderr, f.broken, f.sources, f.settings.look(f.process, f.process.stderr))
}

// stream formats standard input.
func (f *formatting) stream() error {
	text, err := io.ReadAll(f.process.stdin)
	if err != nil {
		return err
	}
	const name = "standard input"
	result, problems := config.Format(name, text)
	if f.broken = problems; problems.HasErrors() {
		f.sources = map[string][]byte{name: text}
		return errors.Join(f.tell(), f.code())
	}
	if !bytes.Equal(text, result) {
		f.changed = []string{name}
	}
	if f.diff {
		err = f.show(name, text, result)
	} else if !f.check {
		_, err = f.process.stdout.Write(result)
	}
	return errors.Join(err, f.code())
}

func (f *formatting) path(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return failf(exitUsage, "fmt: there is no file or folder %s", path)
	case !info.IsDir():
		return f.file(path)
	}
	return filepath.WalkDir(path, func(found string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && found != path && (!f.recursive || strings.HasPrefix(entry.Name(), ".")):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(found, ".hcl"):
			return nil
		}
		return f.file(found)
	})
}

func (f *formatting) file(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	result, problems := config.Format(path, text)
	if problems.HasErrors() {
		f.broken, f.sources[path] = append(f.broken, problems...), text
		return nil
	}
	if bytes.Equal(text, result) {
		return nil
	}
	return f.change(path, text, result)
}

// change names a file that is not formatted, and writes it unless it is only to be checked.
func (f *formatting) change(path string, text, result []byte) error {
	f.changed = append(f.changed, path)
	if !f.settings.asJSON() {
		fmt.Fprintln(f.process.stdout, path)
		if f.diff {
			if err := f.show(path, text, result); err != nil {
				return err
			}
		}
	}
	if f.check {
		return nil
	}
	return atomicfile.Rewrite(path, func(w io.Writer) error {
		_, err := w.Write(result)
		return err
	})
}

func (f *formatting) show(name string, text, result []byte) error {
	if bytes.Equal(text, result) {
		return nil
	}
	return render.FormatDiff(f.process.stdout, name, string(text), string(result), f.settings.look(f.process, f.process.stdout))
}
