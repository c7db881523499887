package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"coppice/internal/druid"
)

// ErrLocked: another apply holds the state directory.
var ErrLocked = errors.New("another apply holds the state directory")

// Holder is who holds a lock.
type Holder struct {
	PID   int           `json:"pid"`
	Host  string        `json:"host"`
	Since druid.Instant `json:"since"`
}

// LockedError says who holds the lock; it is ErrLocked. A zero Holder means that it could not be read.
type LockedError struct {
	Path   string
	Holder Holder
}

// Error names the holder.
func (e *LockedError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("%v: %s", ErrLocked, e.Path)
	}
	return fmt.Sprintf("%v: %s, process %d on %s since %s", ErrLocked, e.Path, e.Holder.PID, e.Holder.Host, e.Holder.Since)
}

// Is makes errors.Is(err, ErrLocked) true.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// lock takes the lock or returns a *LockedError. The lock belongs to the open file: it ends when that is closed or
// the process dies, however it dies. The file stays: removing it would let two processes lock two files of one name.
func lock(path string, now druid.Instant) (io.Closer, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = &LockedError{path, readHolder(file)}
		}
		return nil, errors.Join(err, file.Close())
	}
	if err := writeHolder(file, now); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return held{file}, nil
}

// held is the file of a lock that was taken.
type held struct{ *os.File }

// Close lets the lock go. Closing the file alone does not, as long as a process that was just forked has yet to become
// another program: it has the open file too.
func (h held) Close() error {
	return errors.Join(syscall.Flock(int(h.Fd()), syscall.LOCK_UN), h.File.Close())
}

// writeHolder is for people who meet the lock; nothing depends on it.
func writeHolder(file *os.File, now druid.Instant) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	text, err := json.Marshal(Holder{os.Getpid(), host, now})
	if err != nil {
		return err
	}
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err = file.WriteAt(append(text, '\n'), 0)
	return err
}

func readHolder(file *os.File) Holder {
	var holder Holder
	text, err := io.ReadAll(io.LimitReader(file, 4096))
	if err != nil || json.Unmarshal(text, &holder) != nil {
		return Holder{}
	}
	return holder
}
