package druidapi

import (
	"errors"
	"fmt"
	"net"
	"net/url"
)

// UnreachableError says that nothing answered at an address, however often it was tried.
type UnreachableError struct {
	// Setting is the attribute of the configuration that names the address.
	Setting, Address string
	Err              error
}

// Error names the address and what to check.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("%s cannot be reached: %v; check cluster.%s, and that it runs and may be reached from here", e.Address, e.Err, e.Setting)
}

// Unwrap gives the network's own error.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Unreachable marks the error for packages that do not know this one.
func (e *UnreachableError) Unreachable() bool { return true }

// silence is what is known of addresses that have never answered.
type silence struct {
	answered map[string]bool
	silent   map[string]*UnreachableError
}

// unreachable is the error of an address that was given up: it is not tried again, since a plan asks many questions.
func (c *Client) unreachable(base string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.silence.silent[base]; e != nil {
		return e
	}
	return nil
}

// heard notes that an address answers.
func (c *Client) heard(base string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.silence.answered == nil {
		c.silence.answered = map[string]bool{}
	}
	c.silence.answered[base] = true
}

// giveUp turns the last error of a read into an UnreachableError when nothing has ever answered there.
func (c *Client) giveUp(base string, of role, err error) error {
	var broken *url.Error
	var dial *net.OpError
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.silence.answered[base] || !errors.As(err, &broken) || !errors.As(err, &dial) || dial.Op != "dial" {
		return err
	}
	setting := "coordinator"
	if of != coordinatorRole && base != c.coordinator {
		setting = "overlord"
	}
	if c.silence.silent == nil {
		c.silence.silent = map[string]*UnreachableError{}
	}
	e := &UnreachableError{Setting: setting, Address: base, Err: dial}
	c.silence.silent[base] = e
	return e
}
