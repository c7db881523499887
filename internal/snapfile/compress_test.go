package snapfile

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"coppice/internal/druid"
	"coppice/internal/snapshot"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// large is a snapshot of some frames: hours of two datasources, each hour with a version of its own, in no order.
func large() *snapshot.Cluster {
	const hour = 3_600_000
	c := &snapshot.Cluster{}
	for _, name := range []string{"a", "b"} {
		d := &snapshot.Datasource{Name: name, Shards: []druid.ShardSpec{{Kind: druid.ShardNumbered, HasCore: true, CorePartitions: 1}}}
		for n := range 6000 {
			start := druid.Instant(1_600_000_000_000 + n*hour)
			d.Versions.Add((start + druid.Instant(n*7919%6000*hour)).String())
			d.Segments = append(d.Segments, snapshot.Segment{Interval: druid.Interval{Start: start, End: start + hour}, MarkedAt: start + hour,
				CreatedAt: start, Bytes: int64(n * n), File: uint64(n + 1), Version: uint32(n), Flags: snapshot.Details | snapshot.Used})
		}
		c.Datasources = append(c.Datasources, d)
	}
	c.Finish()
	return c
}

// TestFramesAreOneFile: what is compressed frame by frame is one file for everybody, and its bytes do not depend on the
// machine.
func TestFramesAreOneFile(t *testing.T) {
	c := large()
	text := written(t, c)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var files [3]bytes.Buffer
	for i := range files {
		runtime.GOMAXPROCS(i + 1)
		if err := Compress(&files[i], c); err != nil || !bytes.Equal(files[i].Bytes(), files[0].Bytes()) {
			t.Fatalf("%d cores give another file (%v)", i+1, err)
		}
	}
	z, err := zstd.NewReader(bytes.NewReader(files[0].Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if whole, err := io.ReadAll(z); err != nil || string(whole) != text {
		t.Errorf("decompressed it has %d of %d bytes, %v", len(whole), len(text), err)
	}
	back, err := Read(&files[1])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, back); diff != "" {
		t.Error(diff)
	}
}

// TestSkippedFrames: what some tools put before and between frames for their own use does not count.
func TestSkippedFrames(t *testing.T) {
	c := large()
	var file bytes.Buffer
	if err := Compress(&file, c); err != nil {
		t.Fatal(err)
	}
	skip := []byte{0x5e, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 'h', 'i'}
	second := 4 + bytes.Index(file.Bytes()[4:], magic)
	for name, at := range map[string]int{"first": 0, "between": second, "last": file.Len()} {
		back, err := Read(bytes.NewReader(slices.Concat(file.Bytes()[:at], skip, file.Bytes()[at:])))
		if diff := cmp.Diff(c, back); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

// TestBrokenFramesAreRefused: a file of frames that misses its end, between them or within one, or of which a byte is
// another one.
func TestBrokenFramesAreRefused(t *testing.T) {
	var whole bytes.Buffer
	if err := Compress(&whole, large()); err != nil {
		t.Fatal(err)
	}
	file := whole.Bytes()
	starts := []int{}
	for at := 0; at < len(file); {
		starts = append(starts, at)
		at += bytes.Index(append(file[at+4:len(file):len(file)], magic...), magic) + 4
	}
	if len(starts) < 3 {
		t.Fatalf("%d frames, want some", len(starts))
	}
	second := starts[1]
	for name, cut := range map[string]int{"between": second, "in its magic": second + 2, "in its header": second + 5, "in a block": second + 300, "before the end": len(file) - 1} {
		_, err := Read(bytes.NewReader(file[:cut]))
		if lineError := (*LineError)(nil); !errors.As(err, &lineError) || lineError.Line < 2 || !errors.Is(err, ErrCutShort) {
			t.Errorf("%s: %v, want that it was cut short, and the line", name, err)
		}
	}
	for _, at := range []int{second, second + 5, second + 200, starts[2] - 1} {
		broken := bytes.Clone(file)
		broken[at] ^= 0x11
		if _, err := Read(bytes.NewReader(broken)); err == nil || strings.Contains(err.Error(), "segment") {
			t.Errorf("byte %d is another one: %v", at, err)
		}
	}
	if _, err := Read(bytes.NewReader(append(bytes.Clone(file), "more"...))); err == nil {
		t.Error("what follows the frames is not seen")
	}
}

// watched is a reader that tells whether it was read after the end was reported.
type watched struct {
	from  io.Reader
	ended atomic.Bool
	late  atomic.Bool
}

func (w *watched) Read(p []byte) (int, error) {
	if w.ended.Load() {
		w.late.Store(true)
	}
	return w.from.Read(p)
}

// TestNothingReadsOn: when a snapshot was read or refused, nobody is still at its file.
func TestNothingReadsOn(t *testing.T) {
	text := written(t, large())
	broken := strings.Replace(text, `"used":true`, `"used":maybe`, 1)
	for name, file := range map[string][]byte{"whole": []byte(text), "broken": []byte(broken), "broken frames": framed(broken, frameSize), "no snapshot": []byte("no\n" + text)} {
		w := &watched{from: iotest.HalfReader(bytes.NewReader(file))}
		before := runtime.NumGoroutine()
		_, err := Read(w)
		w.ended.Store(true)
		if (err == nil) != (name == "whole") {
			t.Errorf("%s: %v", name, err)
		}
		after := runtime.NumGoroutine()
		for range 1_000_000 { // one that is done with everything may not have left yet
			if after <= before {
				break
			}
			runtime.Gosched()
			after = runtime.NumGoroutine()
		}
		if after > before || w.late.Load() {
			t.Errorf("%s: %d goroutines before and %d after; read later: %v", name, before, after, w.late.Load())
		}
	}
}
