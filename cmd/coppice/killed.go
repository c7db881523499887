package main

import (
	"cmp"
	"encoding/json"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/journal"
	"coppice/planner"
)

// killed is what earlier applies deleted for good of these datasources, for restores. Manifests are read only where
// something may be restored: they can be many.
func killed(state string, dataSources []string) (*planner.Killed, error) {
	if len(dataSources) == 0 {
		return nil, nil
	}
	past, err := journal.Read(state)
	if err != nil {
		return nil, err
	}
	found := &planner.Killed{}
	for _, name := range dataSources {
		sent, missing := past.Sent(state, name)
		found.Unknown = append(found.Unknown, missing...)
		for _, s := range sent {
			for _, victim := range s.Manifest.Victims {
				id, err := druid.ParseSegmentID(name, victim.ID)
				if err != nil {
					found.Unknown = append(found.Unknown, "a manifest of apply "+s.Apply+" names "+victim.ID+": "+err.Error())
					continue
				}
				found.List = append(found.List, planner.KilledSegment{ID: id, Bytes: victim.Bytes, Place: placeOf(victim.LoadSpec), Apply: s.Apply,
					At: s.Manifest.At})
			}
		}
	}
	return found, nil
}

// placeOf says for people where a load spec has the files: the path, the bucket and its key, or the spec itself.
func placeOf(loadSpec string) string {
	var spec struct{ Type, Path, Bucket, Key, ContainerName, BlobPath string }
	if err := json.Unmarshal([]byte(loadSpec), &spec); err != nil || spec.Type == "tombstone" {
		return ""
	}
	store, path := cmp.Or(spec.Bucket, spec.ContainerName), cmp.Or(spec.Path, spec.Key, spec.BlobPath)
	switch {
	case path == "":
		return loadSpec
	case store == "":
		return path
	}
	return store + "/" + strings.TrimPrefix(path, "/")
}
