package collect

// chunks is a list that grows by pieces which are never copied: a list that doubles would for a moment take three times
// what it holds.
type chunks[T any] struct {
	full  [][]T
	last  []T
	count int
}

// The first chunk is small, since most datasources are; each following one is a quarter of what is there, so that little
// room stays empty.
const (
	firstChunk   = 16
	largestChunk = 4096
)

func (c *chunks[T]) add(value T) {
	if len(c.last) == cap(c.last) {
		if c.last != nil {
			c.full = append(c.full, c.last)
		}
		c.last = make([]T, 0, min(max(firstChunk, c.count/4), largestChunk))
	}
	c.last = append(c.last, value)
	c.count++
}

// cut keeps the first values only.
func (c *chunks[T]) cut(count int) {
	for c.count-len(c.last) >= count && len(c.full) > 0 {
		c.count -= len(c.last)
		c.last, c.full = c.full[len(c.full)-1], c.full[:len(c.full)-1]
	}
	c.last = c.last[:len(c.last)-(c.count-count)]
	c.count = count
}

// cursor goes through a list from its beginning.
type cursor[T any] struct {
	left [][]T
	now  []T
}

func (c *chunks[T]) cursor() cursor[T] {
	return cursor[T]{append(c.full[:len(c.full):len(c.full)], c.last), nil}
}

// next is the next value, nil at the end.
func (c *cursor[T]) next() *T {
	for len(c.now) == 0 {
		if len(c.left) == 0 {
			return nil
		}
		c.now, c.left = c.left[0], c.left[1:]
	}
	value := &c.now[0]
	c.now = c.now[1:]
	return value
}
