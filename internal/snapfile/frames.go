package snapfile

import (
	"bufio"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"
)

const (
	// maxUnpacked and maxPacked are how long a frame may be, as text and in the file, to be decompressed as a whole.
	maxUnpacked = 4 << 20
	maxPacked   = maxUnpacked + 1<<16
)

// appendFrame takes the next frame of zstd as a whole (RFC 8878, section 3.1.1: its header, its blocks of which each says
// how long it is, its checksum). It is not whole when it is larger than Compress makes them, of another kind or none at
// all; what was taken of it has then been appended too. The error is io.EOF where the file ends, and io.ErrUnexpectedEOF
// within a frame.
func appendFrame(b *[]byte, from *bufio.Reader) (whole bool, err error) {
	start, err := from.Peek(zstd.HeaderMaxSize)
	if len(start) == 0 {
		return false, err
	}
	var h zstd.Header
	if h.Decode(start) != nil || h.Skippable || !h.HasFCS || h.FrameContentSize > maxUnpacked {
		return false, nil
	}
	if err := appendBytes(b, from, h.HeaderSize); err != nil {
		return false, err
	}
	for last := false; !last; {
		if last, whole, err = appendBlock(b, from); !whole || err != nil {
			return false, err
		}
	}
	if h.HasCheckSum {
		err = appendBytes(b, from, 4)
	}
	return true, err
}

// appendBlock takes a block: three bytes that say whether it is the last, its kind and its length, and what follows.
func appendBlock(b *[]byte, from *bufio.Reader) (last, whole bool, err error) {
	if err := appendBytes(b, from, 3); err != nil {
		return false, false, err
	}
	n := len(*b)
	head := int((*b)[n-3]) | int((*b)[n-2])<<8 | int((*b)[n-1])<<16
	last, size := head&1 == 1, head>>3
	switch head >> 1 & 3 {
	case 1: // one byte that is repeated
		size = 1
	case 3: // reserved
		return false, false, nil
	}
	if n+size > maxPacked {
		return false, false, nil
	}
	return last, true, appendBytes(b, from, size)
}

func appendBytes(b *[]byte, from io.Reader, n int) error {
	at := len(*b)
	*b = slices.Grow(*b, n)[:at+n]
	read, err := io.ReadFull(from, (*b)[at:])
	if *b = (*b)[:at+read]; err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}
