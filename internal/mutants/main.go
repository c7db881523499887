// Command mutants plants mistakes in the deciding code, one at a time, and runs the tests that must notice. A mistake
// that no test notices is an error. The files are not changed: Go's -overlay puts the mistake in.
//
//	go run ./internal/mutants [NAME ...]
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	survivors, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
	if survivors > 0 {
		fmt.Printf("%d mistakes survived or could not be planted\n", survivors)
		os.Exit(1)
	}
}

func run(names []string) (survivors int, err error) {
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, m := range mistakes {
		if len(names) > 0 && !slices.Contains(names, m.name) {
			continue
		}
		caught, err := m.plant(dir)
		verdict := "caught"
		switch {
		case err != nil: // nobody knows then, which is as bad
			verdict = "NOT PLANTED"
			survivors++
			fmt.Fprintf(os.Stderr, "mutants: %s: %v\n", m.name, err)
		case !caught:
			verdict = "SURVIVED"
			survivors++
		}
		fmt.Printf("%-11s  %-28s %s\n", verdict, m.name, m.file)
	}
	return survivors, nil
}

// plant runs the tests over the mistake and reports whether they failed.
func (m mistake) plant(dir string) (caught bool, err error) {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return false, err
	}
	if n := strings.Count(string(text), m.right); n != 1 {
		return false, fmt.Errorf("%q stands %d times in %s", m.right, n, m.file)
	}
	changed := filepath.Join(dir, m.name+".go")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(text), m.right, m.wrong, 1)), 0o600); err != nil {
		return false, err
	}
	original, err := filepath.Abs(m.file)
	if err != nil {
		return false, err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		return false, err
	}
	list := filepath.Join(dir, m.name+".json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return false, err
	}
	return m.test(list)
}

func (m mistake) test(overlay string) (caught bool, err error) {
	if out, err := exec.Command("go", append([]string{"vet", "-overlay", overlay}, m.tests...)...).CombinedOutput(); err != nil {
		return false, fmt.Errorf("the mistake does not compile:\n%s", out)
	}
	err = exec.Command("go", append([]string{"test", "-overlay", overlay}, m.tests...)...).Run()
	return err != nil, nil
}
