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

// configurationAt finds what a word on the command line names: a directory that exists, or a revision. What is both is not guessed.
func configurationAt(ctx context.Context, s *settings, word string) (configuration, error) {
	info, err := os.Stat(word)
	isDirectory := err == nil && info.IsDir()
	commit, err := commitOf(ctx, s.directory, word)
	switch {
	case isDirectory && err == nil:
		return configuration{}, failf(exitUsage, "%q is a directory and a git revision as well: write ./%s for the directory, or %.12s for the revision", word, word, commit)
	case isDirectory:
		return configuration{name: word, directory: word}, nil
	case err != nil:
		return configuration{}, err
	}
	files, err := filesIn(ctx, s.directory, commit)
	if err != nil {
		return configuration{}, fmt.Errorf("%s: %w", word, err)
	}
	return configuration{name: word, directory: s.directory, tree: files}, nil
}

// commitOf is the hash of the commit that a word names.
func commitOf(ctx context.Context, directory, name string) (string, error) {
	if strings.HasPrefix(name, "-") {
		return "", failf(exitUsage, "%q is neither a directory nor a git revision", name)
	}
	commit, err := git(ctx, directory, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	if err != nil {
		return "", failf(exitUsage, "%q is neither a directory nor a git revision of the repository of %s", name, directory)
	}
	return strings.TrimSpace(string(commit)), nil
}

// filesIn reads the configuration's files as they are in a commit: their bytes, without what git would do to show them.
func filesIn(ctx context.Context, directory, commit string) (fs.FS, error) {
	listed, err := git(ctx, directory, "ls-tree", "-z", commit, "./")
	if err != nil {
		return nil, err
	}
	var files memdir.Dir
	for entry := range strings.SplitSeq(strings.TrimSuffix(string(listed), "\x00"), "\x00") {
		about, file, _ := strings.Cut(entry, "\t")
		base := path.Base(file)
		if !strings.HasSuffix(base, ".hcl") {
			continue
		}
		mode, hash, _ := strings.Cut(about, " blob ")
		if mode == "120000" || hash == "" {
			return nil, fmt.Errorf("%s is a symbolic link or a folder there, and only files can be read from a revision; check it out and name its directory", base)
		}
		text, err := git(ctx, directory, "cat-file", "blob", hash)
		if err != nil {
			return nil, err
		}
		files = append(files, memdir.File{Name: base, Text: text})
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
