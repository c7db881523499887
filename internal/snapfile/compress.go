package snapfile

import (
	"errors"
	"io"
	"runtime"

	"github.com/klauspost/compress/zstd"

	"coppice/internal/parallel"
	"coppice/internal/snapshot"
)

// frameSize is how much text Compress puts into a frame. Frames do not depend on each other, so that they are compressed
// and decompressed at the same time; together they are what every tool for zstd takes for one file.
const frameSize = 1 << 20

// Compress is Write through zstd.
func Compress(w io.Writer, c *snapshot.Cluster) error {
	cores := runtime.GOMAXPROCS(0)
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(cores))
	if err != nil {
		return err
	}
	p := &packer{to: w, encoder: z, packed: make([][]byte, cores)}
	return errors.Join(Write(p, c), p.flush(), z.Close())
}

// packer gathers text for some frames and compresses these at the same time. Where a frame ends depends on nothing but
// the text.
type packer struct {
	to      io.Writer
	encoder *zstd.Encoder
	text    []byte
	packed  [][]byte
}

// Write implements io.Writer.
func (p *packer) Write(text []byte) (int, error) {
	room := len(p.packed) * frameSize
	for rest := text; len(rest) > 0; {
		n := min(room-len(p.text), len(rest))
		p.text, rest = append(p.text, rest[:n]...), rest[n:]
		if len(p.text) == room {
			if err := p.flush(); err != nil {
				return 0, err
			}
		}
	}
	return len(text), nil
}

func (p *packer) flush() error {
	frames := (len(p.text) + frameSize - 1) / frameSize
	parallel.Each(frames, frames, func(i int) {
		p.packed[i] = p.encoder.EncodeAll(p.text[i*frameSize:min((i+1)*frameSize, len(p.text))], p.packed[i][:0])
	})
	p.text = p.text[:0]
	for _, frame := range p.packed[:frames] {
		if _, err := p.to.Write(frame); err != nil {
			return err
		}
	}
	return nil
}
