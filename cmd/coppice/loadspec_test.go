package main

import (
	"context"
	"testing"

	"coppice/internal/collect"
)

// TestNotedViewReadsParts: a store that can be read in part still can when its payloads are noted, or every recheck would
// read all of the datasource.
func TestNotedViewReadsParts(t *testing.T) {
	for _, view := range []collect.View{&store{}, struct{ collect.View }{&store{}}} {
		noted := (&loadSpecs{}).listen(collect.Request{Begin: func(context.Context) (collect.View, error) { return view, nil }})
		got, err := noted.Begin(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		_, want := view.(collect.Index)
		if _, can := got.(collect.Index); can != want {
			t.Errorf("a part can be read: %v, want %v", can, want)
		}
	}
}
