package journal

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestHoldLock is the other process of TestLockDiesWithItsProcess.
func TestHoldLock(t *testing.T) {
	folder := os.Getenv("JOURNAL_TEST_HOLD")
	if folder == "" {
		t.Skip("runs in a process of its own only")
	}
	opened(t, folder)
	fmt.Println("held")
	// Until the end of the input, which the parent never sends: it kills this process.
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}

func TestLockDiesWithItsProcess(t *testing.T) {
	folder := t.TempDir()
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHoldLock$")
	other.Env = append(os.Environ(), "JOURNAL_TEST_HOLD="+folder)
	input, err := other.StdinPipe()
	done(t, err)
	defer input.Close()
	output, err := other.StdoutPipe()
	done(t, err)
	done(t, other.Start())
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "held\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	_, err = Open(folder, now)
	var locked *LockedError
	if !errors.As(err, &locked) || locked.Holder.PID != other.Process.Pid {
		t.Errorf("Open: %v, want a lock of process %d", err, other.Process.Pid)
	}
	done(t, other.Process.Kill())
	_ = other.Wait() // killed, as meant
	j, err := Open(folder, now)
	done(t, err)
	done(t, j.Close())
}

// TestLockEndsBesideAFork: a process that was forked while the lock was held has the open file until it has become another
// program. The lock does not wait for that.
func TestLockEndsBesideAFork(t *testing.T) {
	folder := t.TempDir()
	j, err := Open(folder, now)
	done(t, err)
	forked, err := syscall.Dup(int(j.held.(held).Fd()))
	done(t, err)
	defer func() { done(t, syscall.Close(forked)) }()
	done(t, j.Close())
	j, err = Open(folder, now)
	done(t, err)
	done(t, j.Close())
}
