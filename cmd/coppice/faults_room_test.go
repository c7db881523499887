package main

import (
	"net/http"
	"strings"
	"testing"
)

// aKillOfOthers takes the one task slot that kills have here.
const aKillOfOthers = "coordinator-issued_kill_orders_1"

func (s *stage) othersKill() { try(s.t, s.box.StartTask(aKillOfOthers, "kill", "orders")) }

// TestKillsThatAreNotTold: where the Overlord does not list kill tasks, they go as if there were none but ours, in the same
// order to the same end, and this is said once.
func TestKillsThatAreNotTold(t *testing.T) {
	_, end := undisturbed(t)
	for name, answer := range map[string]func(*http.Request) (*http.Response, error){
		"404": status(404, "", ""), "403": status(403, "text/plain", "Forbidden"), "500": status(500, "", ""), "half": half,
		"a web page": status(200, "text/html", "<html></html>"), "no list": status(200, "application/json", `{"tasks":[]}`),
		"no ids": status(200, "application/json", `[{"type":"kill"}]`),
	} {
		t.Run(name, func(t *testing.T) {
			withoutTime(t, func(t *testing.T) {
				s := newStage(t)
				path, made := s.plan()
				s.othersKill()
				s.wire.before = func(at spot, r *http.Request) (*http.Response, error) {
					if at.is("GET", "/tasks") && r.URL.Query().Get("type") == "kill" {
						return answer(r)
					}
					return nil, nil
				}
				code, m := s.coppice("apply", "--json", path)
				said := strings.Count(m.errs.String(), "kill tasks are sent without regard to those of others, which the Overlord does not tell: read kill tasks")
				if code != exitDone || said != 1 {
					t.Errorf("exit %d, said %d times\n%s", code, said, &m.errs)
				}
				s.wire.quiet()
				s.honest(made, code, m)
				try(t, s.box.EndTask(aKillOfOthers, true))
				s.ends(end)
			})
		})
	}
}
