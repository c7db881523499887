package contract

import (
	"encoding/json"
	"testing"

	"coppice/internal/druidapi"
)

// TestLeaderSettings: what says whether the cluster deletes by itself, and how many tasks it runs at once, is where the
// client looks for it.
func TestLeaderSettings(t *testing.T) {
	onEach(t, func(t *talk) {
		client, err := druidapi.New(druidapi.Options{Coordinator: t.base(), Transport: t.client().Transport})
		if err != nil {
			t.Fatal(err)
		}
		coordinator, err := client.CoordinatorProperties(t.Context())
		if err != nil || coordinator["druid.service"] != "druid/coordinator" {
			t.Errorf("Coordinator: got %v, %v", coordinator["druid.service"], err)
		}
		overlord, err := client.OverlordProperties(t.Context())
		if err != nil || overlord["druid.coordinator.asOverlord.enabled"] != "true" {
			t.Errorf("Overlord: got %v, %v", overlord, err)
		}
		for _, name := range []string{"druid.coordinator.kill.on", "druid.coordinator.kill.bufferPeriod", "druid.manager.segments.killUnused.enabled"} {
			if value, set := coordinator[name]; set {
				t.Errorf("%s is %s, and nobody set it", name, value)
			}
		}
		if slots, err := client.TaskSlots(t.Context()); err != nil || slots != 3 {
			t.Errorf("got %d task slots, %v", slots, err)
		}
		var dynamic struct {
			KillDataSourceWhitelist *[]string
			KillTaskSlotRatio       *float64
			MaxKillTaskSlots        *int64
		}
		text, err := client.DynamicConfig(t.Context())
		if err == nil {
			err = json.Unmarshal(text, &dynamic)
		}
		if err != nil || dynamic.KillDataSourceWhitelist == nil || dynamic.KillTaskSlotRatio == nil || dynamic.MaxKillTaskSlots == nil {
			t.Errorf("dynamic configuration: %s, %v", text, err)
		}
	})
}
