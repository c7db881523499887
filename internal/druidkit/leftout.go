package druidkit

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// LeftOut skips a test that needs something real, and says so.
func LeftOut(tb TB, what string) {
	tb.Helper()
	text := "left out: " + what + " (run make test)"
	if _, test := tb.(interface{ Chdir(dir string) }); test { // a real one, not a stand-in of our own tests
		loud(text)
	}
	tb.Skip(text)
}

var once sync.Once

// loud tells the person in front of the screen what a quick run leaves out. `go test` hides whatever a passing package
// prints, so the sentence goes to the standard error of `go test` itself (the parent process) where the system lets us.
func loud(text string) {
	once.Do(func() {
		out, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/2", os.Getppid()), os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return
		}
		defer func() { _ = out.Close() }()
		_, _ = fmt.Fprintf(out, "!!! %s: %s\n", filepath.Base(os.Args[0]), text)
	})
}
