package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// Static settings of the two killers, and Druid's defaults of those that are not set.
const (
	coordinatorKillOn     = "druid.coordinator.kill.on"
	coordinatorKillBuffer = "druid.coordinator.kill.bufferPeriod"
	coordinatorKillRetain = "druid.coordinator.kill.durationToRetain"
	coordinatorKillAll    = "druid.coordinator.kill.ignoreDurationToRetain"
	overlordKillOn        = "druid.manager.segments.killUnused.enabled"
	overlordKillBuffer    = "druid.manager.segments.killUnused.bufferPeriod"

	defaultBuffer = "P30D"
	defaultRetain = "P90D"
)

// configRow is the dynamic configuration's name in the store.
const configRow = "coordinator.config"

// readAutoKill finds out whether the cluster deletes by itself. A look at one datasource, as before each deletion, does
// without it.
func (s *Session) readAutoKill(ctx context.Context) {
	if s.only != "" {
		return
	}
	found := &snapshot.AutoKill{}
	s.Cluster.AutoKill = found
	properties, err := s.request.Coordinator.CoordinatorProperties(ctx)
	found.Coordinator = known(s.coordinatorKiller(ctx, properties, err))
	properties, err = s.request.Coordinator.OverlordProperties(ctx)
	found.Overlord = known(overlordKiller(properties, err))
}

func known(k snapshot.Killer, err error) snapshot.Killer {
	if err != nil {
		return snapshot.Killer{Unknown: err.Error()}
	}
	return k
}

func (s *Session) coordinatorKiller(ctx context.Context, set map[string]string, err error) (snapshot.Killer, error) {
	if err != nil {
		return snapshot.Killer{}, err
	}
	k, err := killer(set, coordinatorKillOn, coordinatorKillBuffer)
	if err != nil || !k.On {
		return k, err
	}
	all, err := flag(set, coordinatorKillAll)
	if err != nil {
		return k, err
	}
	if !all {
		k.Retain = valueOr(set, coordinatorKillRetain, defaultRetain)
	}
	dynamic, err := s.dynamicConfig(ctx)
	if err != nil {
		return k, err
	}
	return k, dynamic.narrow(&k)
}

// overlordKiller takes every datasource and all of time.
func overlordKiller(set map[string]string, err error) (snapshot.Killer, error) {
	if err != nil {
		return snapshot.Killer{}, err
	}
	return killer(set, overlordKillOn, overlordKillBuffer)
}

func killer(set map[string]string, on, buffer string) (k snapshot.Killer, err error) {
	if k.On, err = flag(set, on); err != nil || !k.On {
		return k, err
	}
	text := valueOr(set, buffer, defaultBuffer)
	if k.Buffer, err = druid.ParsePeriod(text); err != nil {
		return k, fmt.Errorf("%s is %q, which is no period", buffer, text)
	}
	return k, nil
}

func valueOr(set map[string]string, name, standard string) string {
	if text, ok := set[name]; ok {
		return strings.TrimSpace(text)
	}
	return standard
}

// flag reads true and false; both are off when they are not set.
func flag(set map[string]string, name string) (bool, error) {
	switch text := valueOr(set, name, "false"); strings.ToLower(text) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, fmt.Errorf("%s is %q, neither true nor false", name, text)
	}
}

// dynamicKill is the part of the dynamic configuration that the Coordinator's killer obeys.
type dynamicKill struct {
	KillDataSourceWhitelist json.RawMessage
	KillTaskSlotRatio       *float64
	MaxKillTaskSlots        *int64
}

// dynamicConfig asks the leader, and the store when that fails.
func (s *Session) dynamicConfig(ctx context.Context) (dynamicKill, error) {
	var config dynamicKill
	text, err := s.request.Coordinator.DynamicConfig(ctx)
	if err != nil && s.view != nil {
		stored, ok, failed := s.view.Config(ctx, configRow)
		if failed == nil && !ok {
			return config, nil // nobody has ever set it
		}
		text, err = stored, failed
	}
	if err != nil {
		return config, err
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return config, errors.New("the Coordinator's dynamic configuration cannot be read")
	}
	return config, nil
}

// narrow takes into account which datasources the killer takes, and that it may not have a single task slot: then it
// never deletes. An empty list means all datasources.
func (d *dynamicKill) narrow(k *snapshot.Killer) error {
	if d.KillTaskSlotRatio != nil && *d.KillTaskSlotRatio <= 0 || d.MaxKillTaskSlots != nil && *d.MaxKillTaskSlots <= 0 {
		*k = snapshot.Killer{}
		return nil
	}
	names, err := whitelist(d.KillDataSourceWhitelist)
	if err != nil {
		return err
	}
	k.Only = names
	return nil
}

// whitelist reads a list, or names with commas between them, which Druid takes as well. Nil means all.
func whitelist(text json.RawMessage) ([]string, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var names []string
	var one string
	if err := json.Unmarshal(text, &names); err != nil {
		if err := json.Unmarshal(text, &one); err != nil {
			return nil, errors.New("killDataSourceWhitelist is neither a list nor a text")
		}
		names = strings.Split(one, ",")
	}
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
	if len(names) == 0 {
		return nil, nil
	}
	slices.Sort(names)
	return names, nil
}
