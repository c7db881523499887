package metastore

import (
	"bufio"
	"context"
	"net"
	"time"
)

// readAtOnce is how much of an answer is taken from the system at once, in bytes. lib/pq asks for 4 KiB, and a switch to the
// system for each costs a tenth of reading rows and a quarter of reading payloads.
const readAtOnce = 128 << 10

// dialer connects as lib/pq's own one does, and buffers what is read.
type dialer struct{ net.Dialer }

func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return bufferedConn{c, bufio.NewReaderSize(c, readAtOnce)}, nil
}

// DialTimeout completes the interface that lib/pq wants; it calls DialContext only.
func (d *dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	return net.DialTimeout(network, address, timeout)
}

// bufferedConn reads through the buffer; what TLS encrypts comes through it, too.
type bufferedConn struct {
	net.Conn
	reader *bufio.Reader
}

func (c bufferedConn) Read(to []byte) (int, error) { return c.reader.Read(to) }
