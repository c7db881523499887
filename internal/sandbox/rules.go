package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"

	"coppice/internal/druid"
)

// knownRules are the rule types of Druid 33.
var knownRules = map[string]bool{
	"loadForever": true, "loadByPeriod": true, "loadByInterval": true,
	"dropForever": true, "dropByPeriod": true, "dropBeforeByPeriod": true, "dropByInterval": true,
	"broadcastForever": true, "broadcastByPeriod": true, "broadcastByInterval": true,
}

func (c *call) allRules() answer { return ok(c.state.Rules) }

// rules answers a key's own list, [] when there is none; with ?full the default list follows, also after itself.
func (c *call) rules() answer {
	own := c.ruleList(c.names[0])
	if c.query.Has("full") {
		own = append(own[:len(own):len(own)], c.ruleList(defaultKey)...)
	}
	if own == nil {
		own = druid.RuleList{}
	}
	return ok(own)
}

func (c *call) ruleHistory() answer {
	if len(c.names) == 0 {
		return c.history(rulesAudit, "")
	}
	return c.history(rulesAudit, c.names[0])
}

// setRules replaces a key's whole list. A list that prints as the present one is accepted and leaves no trace.
func (c *call) setRules() answer {
	if kind, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type")); err != nil || kind != jsonKind {
		return empty(http.StatusUnsupportedMediaType)
	}
	var first json.RawMessage
	if failed := c.decode(&first); failed != nil {
		return *failed
	}
	if first == nil || string(first) == "null" {
		return problem(http.StatusBadRequest, "Rules cannot be null.")
	}
	list, err := parseRules(first)
	if err != nil {
		// Jackson's trouble is answered by an exception mapper that declares its type.
		return declared(problem(http.StatusBadRequest, err.Error()))
	}
	if c.names[0] == defaultKey && len(list) == 0 {
		return problem(http.StatusBadRequest, "Cluster-level rules cannot be empty.")
	}
	return c.storeRules(c.names[0], list)
}

func (c *call) storeRules(key string, list druid.RuleList) answer {
	printed, err := json.Marshal(list)
	if err != nil {
		return problem(http.StatusBadRequest, err.Error())
	}
	if before, set := c.state.Rules[key]; set && bytes.Equal(before, printed) {
		return empty(http.StatusOK)
	}
	c.state.Rules[key] = printed
	c.record(rulesAudit, key, string(printed))
	return empty(http.StatusOK)
}

// parseRules reads a list as Druid 33 does: a null element is accepted (and stops every rule run), a type that 33 does
// not have is not.
func parseRules(data []byte) (druid.RuleList, error) {
	list, err := druid.ParseRuleList(data)
	if err != nil {
		return nil, err
	}
	for _, rule := range list {
		if knownRules[rule.Type] || string(rule.Raw) == "null" {
			continue
		}
		if rule.Type == "" {
			return nil, refuse("Could not resolve subtype of [simple type, class " +
				"org.apache.druid.server.coordinator.rules.Rule]: missing type id property 'type'")
		}
		return nil, refuse("Please make sure to load all the necessary extensions and jars with type '" + rule.Type +
			"' on 'druid/coordinator' service. Could not resolve type id '" + rule.Type +
			"' as a subtype of `org.apache.druid.server.coordinator.rules.Rule`")
	}
	return list, nil
}

// ruleList returns the list in force of a key, nil when it has none. What is stored was parsed before.
func (s *Sandbox) ruleList(key string) druid.RuleList {
	stored, set := s.state.Rules[key]
	if !set {
		return nil
	}
	list, err := druid.ParseRuleList(stored)
	if err != nil {
		return nil
	}
	return list
}

// SetRules stores a list as if a person had posted it at a moment of the past, with its audit entry. Entries have to be
// added oldest first.
func (s *Sandbox) SetRules(key, rules, author, comment string, at druid.Instant) error {
	return s.change(func(druid.Instant) error {
		list, err := parseRules([]byte(rules))
		if err != nil {
			return fmt.Errorf("set rules of %s: %w", key, err)
		}
		request := &http.Request{Header: http.Header{}, RemoteAddr: "127.0.0.1:0"}
		request.Header.Set("X-Druid-Author", author)
		request.Header.Set("X-Druid-Comment", comment)
		c := &call{Sandbox: s, request: request, now: at}
		if a := c.storeRules(key, list); a.status != http.StatusOK {
			return fmt.Errorf("set rules of %s: %s", key, a.body)
		}
		return nil
	})
}
