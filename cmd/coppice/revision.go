package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strings"

	"coppice/internal/memdir"
)

// configuration names a directory, or the same directory as -C in a git revision.
type configuration struct {
	name string
	// directory is where its relative paths lead from; tree is nil when the files lie there.
	directory string
	tree      fs.FS
}

// in is the settings with this configuration.
func (c configuration) in(s *settings) *settings {
	other := *s
	other.directory, other.tree = c.directory, c.tree
	return &other
}

// configurationAt finds what a word on the command line names: a directory that exists, else a revision.
func configurationAt(ctx context.Context, s *settings, word string) (configuration, error) {
	if info, err := os.Stat(word); err == nil && info.IsDir() {
		return configuration{name: word, directory: word}, nil
	}
	files, err := revision(ctx, s.directory, word)
	if err != nil {
		return configuration{}, err
	}
	return configuration{name: word, directory: s.directory, tree: files}, nil
}

// revision reads the configuration's files as they are in a git revision.
func revision(ctx context.Context, directory, name string) (fs.FS, error) {
	if strings.HasPrefix(name, "-") {
		return nil, failf(exitUsage, "%q is neither a directory nor a git revision", name)
	}
	commit, err := git(ctx, directory, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	if err != nil {
		return nil, failf(exitUsage, "%q is neither a directory nor a git revision of the repository of %s", name, directory)
	}
	hash := strings.TrimSpace(string(commit))
	listed, err := git(ctx, directory, "ls-tree", "-z", "--name-only", hash, "./")
	if err != nil {
		return nil, err
	}
	var files memdir.Dir
	for file := range strings.SplitSeq(strings.TrimSuffix(string(listed), "\x00"), "\x00") {
		if base := path.Base(file); strings.HasSuffix(base, ".hcl") {
			text, err := git(ctx, directory, "show", hash+":./"+base)
			if err != nil {
				return nil, err
			}
			files = append(files, memdir.File{Name: base, Text: text})
		}
	}
	return files, nil
}

// git runs a command of git that only reads.
func git(ctx context.Context, directory string, arguments ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", directory}, arguments...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err == nil {
		return out, nil
	}
	var exited *exec.ExitError
	if errors.As(err, &exited) {
		return nil, fmt.Errorf("git %s: %s", arguments[0], strings.TrimSpace(said.String()))
	}
	return nil, fmt.Errorf("git %s: %w", arguments[0], err)
}
