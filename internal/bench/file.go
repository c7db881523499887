package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

func init() {
	contenders["lines"] = func(_ context.Context, arguments []string) error { return lines(arguments[0]) }
}

// lines decompresses a file on one core, which costs least, and cuts it into lines: no reader can do with less.
func lines(path string) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = first(err, file.Close()) }()
	z, err := zstd.NewReader(bufio.NewReaderSize(file, 1<<16), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer z.Close()
	count, buffer := 0, make([]byte, 256<<10)
	for {
		n, err := z.Read(buffer)
		count += cut(buffer[:n])
		if err == io.EOF {
			fmt.Println(count)
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// cut looks for the end of every line, one by one.
func cut(text []byte) (ends int) {
	for {
		at := bytes.IndexByte(text, '\n')
		if at < 0 {
			return ends
		}
		text = text[at+1:]
		ends++
	}
}

// measureFile is the table of a snapshot of the store: everything as a ratio to cutting the file into lines. Its
// configurations are those of the store.
func measureFile(ctx context.Context, o options, program, dir string, rows int, of *page) error {
	path := filepath.Join(dir, "snapshot.jsonl.zst")
	list, err := fileContenders(program, dir, path)
	if list = o.chosen(list); err != nil || len(list) == 0 {
		return err
	}
	take := exec.CommandContext(ctx, program, "snapshot", "-C", filepath.Join(dir, "rules"), "--out", path)
	if output, err := take.CombinedOutput(); err != nil {
		return fmt.Errorf("snapshot: %w: %s", err, output)
	}
	lines, err := compared(ctx, o.rounds, rows, list)
	of.Files = append(of.Files, lines...)
	return err
}

// fileContenders are what is measured on a snapshot; the first is the base.
func fileContenders(program, dir, path string) ([]contender, error) {
	self, err := os.Executable()
	list := []contender{{name: "lines", arguments: []string{self, "lines", path}}}
	for _, policy := range []string{"rules", "kill"} {
		list = append(list, contender{"file-" + policy, []string{program, "plan", "--snapshot", path, "-C", filepath.Join(dir, policy), "--now", now}, []int{3}})
	}
	return list, err
}
