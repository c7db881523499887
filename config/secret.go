package config

import (
	"encoding/json"
	"fmt"
	"io"
)

// hidden stands where a sensitive value would be.
const hidden = "(sensitive)"

// Format hides the value from every verb of fmt, also from those that would look inside the struct.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText hides the value from every encoder of text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Format prints the kind of authentication only.
func (a Auth) Format(f fmt.State, _ rune) {
	kind := "basic"
	if a.Bearer {
		kind = "bearer"
	}
	_, _ = io.WriteString(f, "auth("+kind+")")
}

// MarshalJSON hides the user's name too: it may have come from env().
func (a Auth) MarshalJSON() ([]byte, error) {
	if a.Bearer {
		return json.Marshal(map[string]any{"Origin": a.Origin, "Token": a.Token})
	}
	return json.Marshal(map[string]any{"Origin": a.Origin, "Username": hidden, "Password": a.Password})
}

// Format prints the name only: the URLs may have come from env().
func (c Cluster) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "cluster %q", c.Name) }

// MarshalJSON hides the URLs that came from env().
func (c Cluster) MarshalJSON() ([]byte, error) {
	type plain Cluster
	shown := plain(c)
	shown.Coordinator.Value, shown.Overlord.Value = c.ShownCoordinator(), c.ShownOverlord()
	return json.Marshal(shown)
}

// ShownCoordinator is the Coordinator's URL for messages: "(sensitive)" when it came from env().
func (c *Cluster) ShownCoordinator() string {
	return shownURL(c.Coordinator.Value, c.CoordinatorSensitive)
}

// ShownOverlord is the Overlord's URL for messages: "(sensitive)" when it came from env().
func (c *Cluster) ShownOverlord() string { return shownURL(c.Overlord.Value, c.OverlordSensitive) }

func shownURL(url string, sensitive bool) string {
	if sensitive {
		return hidden
	}
	return url
}

// Format prints counts: the files of a configuration may hold passwords as they were typed.
func (c Config) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "config(%d clusters, %d datasources)", len(c.Clusters), len(c.Datasources))
}
