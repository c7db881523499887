package sandbox

import (
	"slices"

	"coppice/internal/druid"
)

// killReport is what a kill task says that it did. Segments whose files were kept for another one do not count.
type killReport struct {
	Segments int `json:"numSegmentsKilled"`
	Batches  int `json:"numBatchesProcessed"`
}

// kill deletes what the task reaches, batch by batch. In each batch the rows go first, then the files that nobody else
// uses; a batch with a segment of a version later than the lock's goes not at all and ends the task.
func (s *Sandbox) kill(k *kill) (killReport, error) {
	var report killReport
	protected := s.usedFiles(k)
	for {
		size := k.BatchSize
		if k.Limit > 0 {
			if size = min(size, k.Limit-report.Segments); size <= 0 || report.Batches >= (k.Limit+k.BatchSize-1)/k.BatchSize {
				return report, nil
			}
		}
		batch := s.reach(k, size)
		if err := s.coveredByLock(k, batch); err != nil {
			return report, err
		}
		deleted, err := s.nuke(k.DataSource, batch, protected)
		if err != nil {
			return report, err
		}
		report.Batches++
		report.Segments += deleted
		if len(batch) == 0 {
			return report, nil
		}
	}
}

// reach is what the task takes next: unused rows that lie wholly inside its interval, of its versions, and, with a
// cut-off, that have a marking time not after it. Rows that lie inside by their texts alone count for the batch's size
// and are then left alone.
func (s *Sandbox) reach(k *kill, most int) (batch []*row) {
	for _, r := range s.state.rows(k.DataSource) {
		if r.Used || !reachesInText(k.Interval, r) || k.Versions != nil && !slices.Contains(k.Versions, r.Version) {
			continue
		}
		if k.CutOff != "" && (r.MarkedAt == nil || *r.MarkedAt > k.CutOff) {
			continue
		}
		if batch = append(batch, r); len(batch) == most {
			break
		}
	}
	return slices.DeleteFunc(batch, func(r *row) bool { return r.interval.Start < k.Interval.Start || r.interval.End > k.Interval.End })
}

func (s *Sandbox) coveredByLock(k *kill, batch []*row) error {
	i := slices.IndexFunc(s.state.Locks, func(l *Lock) bool { return l.TaskID == k.ID && !l.Revoked })
	for _, r := range batch {
		if i < 0 || druid.CompareVersions(r.Version, s.state.Locks[i].Version) > 0 {
			return refuse("Locks for task[" + k.ID + "] can't cover segments[" + r.ID + "]")
		}
	}
	return nil
}

// usedFiles are the places of the used segments that overlap the task's interval: looked up once, at the start.
func (s *Sandbox) usedFiles(k *kill) map[string]bool {
	files := map[string]bool{}
	for _, r := range s.state.rows(k.DataSource) {
		if r.Used && r.interval.Overlaps(k.Interval) {
			files[string(s.loadSpec(r))] = true
		}
	}
	return files
}

// nuke deletes the rows of a batch and then the files of those that share them with no remaining row, by lineage, and
// with no used segment, by place. The last sharer to be killed takes the file along.
func (s *Sandbox) nuke(dataSource string, batch []*row, protected map[string]bool) (deleted int, err error) {
	gone := map[*row]bool{}
	for _, r := range batch {
		gone[r] = true
	}
	s.state.remove(gone)
	s.dirty = true
	shared := map[string]bool{}
	for _, r := range s.state.rows(dataSource) {
		shared[r.root()] = true
	}
	for _, r := range batch {
		if shared[r.root()] || protected[string(s.loadSpec(r))] {
			continue
		}
		if err := s.deleteFiles(r); err != nil {
			return deleted, err
		}
		deleted++
	}
	return deleted, nil
}

// root is the id of the segment that first had the row's file.
func (r *row) root() string {
	if r.UpgradedFrom != "" {
		return r.UpgradedFrom
	}
	return r.ID
}
