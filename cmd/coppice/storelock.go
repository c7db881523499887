package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"coppice/internal/metastore"
)

// alone keeps applies of other machines out for as long as the session lasts, where a metadata store makes that possible;
// where not, it says so. The caller calls release.
func (l *session) alone(ctx context.Context) (release func(), err error) {
	release = func() {}
	switch {
	case l.link.sandbox != nil: // its folder is locked
		return release, nil
	case l.link.store == nil:
		l.process.say("No metadata store is configured: an apply from elsewhere, with another state directory, is not kept out.")
		return release, nil
	}
	lock, err := l.link.store.Lock(ctx, l.process.lockName())
	var problem *metastore.Error
	switch {
	case errors.Is(err, metastore.ErrLocked):
		return release, fail(exitLocked, fmt.Errorf("%w; %s", err, notSent))
	case errors.As(err, &problem) && (problem.Problem == metastore.ProblemPermission || problem.Problem == metastore.ProblemReplica):
		l.process.say(fmt.Sprintf("An apply from elsewhere, with another state directory, is not kept out: %v.", err))
		return release, nil
	case err != nil:
		return release, err
	}
	l.lock = lock
	return func() { l.release(ctx) }, nil
}

// unlockTimeout bounds the last word to a server that may be gone.
const unlockTimeout = 5 * time.Second

// release lets others in. The lock ends with its session in any case, so that an apply does not fail for it.
func (l *session) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockTimeout) // also after an interrupt
	defer cancel()
	if err := l.lock.Close(ctx); err != nil {
		l.process.say("coppice: " + err.Error())
	}
	l.lock = nil
}

// stillAlone fails when the lock was lost: then somebody else may be applying by now, and nothing more is deleted.
func (l *session) stillAlone(ctx context.Context) error {
	if l.lock == nil {
		return nil
	}
	if err := l.lock.Held(ctx); err != nil {
		return fmt.Errorf("the lock in the metadata store was lost, and another apply may have begun: %w", err)
	}
	return nil
}

// lockName is what others are told of who holds the lock.
func (p *process) lockName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return fmt.Sprintf("coppice apply, process %d on %s", os.Getpid(), host)
}
