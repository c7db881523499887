package collect

import (
	"context"

	"slices"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// readClaims finds out what else works on the datasources. What either source knows counts: the Overlord is fresher,
// and only the store shows pending segments. One that is gone meanwhile only puts something off.
func (s *Session) readClaims(ctx context.Context) {
	var claims []druid.Claim
	known := map[string]bool{}
	if s.view != nil {
		stored, err := s.storedClaims(ctx)
		if err != nil {
			s.gap(gapLocks, err.Error())
		}
		claims = append(claims, stored...)
		for _, d := range s.Cluster.Datasources {
			known[d.Name] = err == nil
		}
	}
	if s.request.Coordinator != nil {
		names := s.claimed()
		served, err := s.request.Coordinator.Claims(ctx, names)
		if err != nil {
			s.gap(gapLocks, err.Error())
		}
		claims = append(claims, served...)
		for _, name := range names {
			known[name] = known[name] || err == nil
		}
	}
	for _, d := range s.Cluster.Datasources {
		d.BusyKnown = known[d.Name]
	}
	for _, claim := range claims {
		if d := s.Cluster.Find(claim.DataSource); d != nil {
			d.Busy = append(d.Busy, snapshot.Busy{Interval: claim.Interval, Kind: string(claim.Kind), By: claim.By})
		}
	}
}

// storedClaims are those of the view's moment.
func (s *Session) storedClaims(ctx context.Context) ([]druid.Claim, error) {
	if s.beside.index() != nil {
		return s.beside.claims, s.beside.claimsErr
	}
	return s.view.Claims(ctx)
}

// claimed are the datasources whose locks are asked for over HTTP.
func (s *Session) claimed() []string {
	names := make([]string, len(s.Cluster.Datasources))
	for i, d := range s.Cluster.Datasources {
		names[i] = d.Name
	}
	names = append(s.request.chosen(names), s.request.Datasources...)
	slices.Sort(names)
	return slices.Compact(names)
}
