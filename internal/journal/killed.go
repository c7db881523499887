package journal

import (
	"fmt"
	"path/filepath"

	"coppice/executor"
)

// Sent are segments that one kill task of an earlier apply was sent for, as its manifest tells.
type Sent struct {
	Apply    string
	Manifest executor.Manifest
}

// Sent reads the manifests of the kill tasks that applies of a state directory sent for a datasource, oldest first. The
// lock is not needed. A manifest that is lost or damaged leaves a sentence in missing: what it named nobody can tell.
func (s *State) Sent(folder, dataSource string) (sent []Sent, missing []string) {
	for _, past := range s.Applies {
		for _, kill := range past.kills {
			if kill.Datasource != dataSource {
				continue
			}
			if !plainName(past.ID) || !plainName(kill.Task) {
				missing = append(missing, fmt.Sprintf("the journal names a task %q of apply %q", kill.Task, past.ID))
				continue
			}
			m, err := readManifest(filepath.Join(folder, manifestName, past.ID, kill.Task+".json"))
			if err != nil {
				missing = append(missing, fmt.Sprintf("the manifest of task %s of apply %s: %v", kill.Task, past.ID, err))
				continue
			}
			sent = append(sent, Sent{past.ID, m})
		}
	}
	return sent, missing
}
