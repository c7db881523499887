package main

import (
	"strings"
	"testing"

	"coppice/internal/druid"
)

// TestStaleUsedList: over HTTP the list of used segments is what the Coordinator polled last, a minute ago or, while two
// segments somewhere freeze its view, much longer. What looks superseded there may be the last copy by now.
func TestStaleUsedList(t *testing.T) {
	newer := druid.SegmentID{DataSource: "narrow", Interval: agoInterval(3), Version: "3"}.String()
	for name, happens := range map[string]func(*stage){
		"the newer version is gone": func(s *stage) {
			_, err := s.box.DeleteRows("narrow", newer)
			try(s.t, err)
		},
		"the newer version was marked by hand": func(s *stage) {
			s.send("POST", "/druid/indexer/v1/datasources/narrow/markUnused", `{"segmentIds":["`+newer+`"]}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			path, _ := s.plan()
			s.othersAct = true
			long := usedDay("orders", 5, "9")
			long.Interval.Start -= dayOfTests
			try(t, s.box.AddSegments(usedDay("orders", 5, "9"), long))
			happens(s)
			s.wire.look()
			code, m := s.coppice("apply", path)
			left := 0
			for _, row := range s.box.Rows("narrow") {
				if strings.Contains(row.ID, "_"+agoInterval(3).Start.String()) && row.ID != newer {
					left++
				}
			}
			if left != 2 {
				t.Errorf("%d of the last two copies are left; apply ended with %d\n%s%s", left, code, &m.out, &m.errs)
			}
		})
	}
}
