package druidapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"coppice/internal/druid"
)

const rulesPath = coordinatorAPI + "/rules"

// AllRules returns the lists of all keys, "_default" and keys of dead datasources included, in no order. Druid does
// not say here when they were written.
func (c *Client) AllRules(ctx context.Context) ([]druid.RuleRecord, error) {
	lists, err := c.rawRules(ctx)
	if err != nil {
		return nil, wrapped("read rules", err)
	}
	records := make([]druid.RuleRecord, 0, len(lists))
	for key, raw := range lists {
		record := druid.RuleRecord{Key: key, Since: druid.NoInstant}
		if record.List, err = druid.ParseRuleList(raw); err != nil {
			record.Problem = fmt.Sprintf("the rules cannot be read: %v", err)
		}
		records = append(records, record)
	}
	return records, nil
}

func (c *Client) rawRules(ctx context.Context) (map[string]json.RawMessage, error) {
	var lists map[string]json.RawMessage
	r := request{method: http.MethodGet, path: rulesPath, needs: "READ on STATE", read: true}
	if err := c.decode(ctx, r, &lists); err != nil {
		return nil, err
	}
	if lists == nil {
		return nil, &AnswerError{r.method, c.coordinator + r.path, "null is not a set of rules"}
	}
	return lists, nil
}

// Rules reads a key's own list right now; set is false when it is empty, since Druid does not tell an empty list from
// none here.
func (c *Client) Rules(ctx context.Context, key string) (list druid.RuleList, set bool, err error) {
	raw, err := c.rulesOf(ctx, key)
	if err != nil {
		return nil, false, wrapped("read rules of "+key, err)
	}
	if list, err = druid.ParseRuleList(raw); err != nil {
		return nil, false, fmt.Errorf("read rules of %s: %w", key, err)
	}
	return list, len(list) > 0, nil
}

// rulesOf knows that the path of a datasource called "history" is taken by something else.
func (c *Client) rulesOf(ctx context.Context, key string) (json.RawMessage, error) {
	if key == "history" {
		lists, err := c.rawRules(ctx)
		if raw, ok := lists[key]; ok {
			return raw, err
		}
		return json.RawMessage("[]"), err
	}
	var raw json.RawMessage
	r := request{method: http.MethodGet, path: rulesPath + "/" + part(key), needs: "READ on DATASOURCE " + key, read: true}
	err := c.decode(ctx, r, &raw)
	return raw, err
}

// SetRules replaces the whole list of a key. Druid writes nothing when the list equals the one of its last poll.
func (c *Client) SetRules(ctx context.Context, key string, list druid.RuleList, author, comment string) error {
	if list == nil {
		list = druid.RuleList{} // null is refused by Druid
	}
	body, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("write rules of %s: %w", key, err)
	}
	r := request{method: http.MethodPost, path: rulesPath + "/" + part(key), body: body, needs: "WRITE on DATASOURCE " + key,
		header: map[string]string{"X-Druid-Author": headerText(author), "X-Druid-Comment": headerText(comment)}}
	_, _, err = c.whole(ctx, r)
	return wrapped("write rules of "+key, err)
}

// headerText keeps what a header may hold.
func headerText(text string) string {
	kept := make([]rune, 0, len(text))
	for _, r := range text {
		if r < ' ' || r > '~' {
			r = '?'
		}
		kept = append(kept, r)
	}
	return string(kept)
}

// historyCount is how many changes of a list are asked for: more than anybody makes in the 90 days that Druid keeps.
const historyCount = "1000"

// RuleHistory returns the lists that Druid's audit log still has for a key, newest first. It may begin at any moment:
// the log is trimmed, and may be switched off.
func (c *Client) RuleHistory(ctx context.Context, key string) ([]druid.RuleRecord, error) {
	var entries []struct {
		Payload   string
		AuditTime string
		AuditInfo struct{ Author, Comment string }
	}
	r := request{method: http.MethodGet, path: rulesPath + "/" + part(key) + "/history", query: url.Values{"count": {historyCount}},
		needs: "READ on DATASOURCE " + key, read: true}
	if err := c.decode(ctx, r, &entries); err != nil {
		return nil, wrapped("read the rule history of "+key, err)
	}
	records := make([]druid.RuleRecord, 0, len(entries))
	for _, entry := range entries {
		record := druid.RuleRecord{Key: key, Since: stamp(&entry.AuditTime), Author: entry.AuditInfo.Author, Comment: entry.AuditInfo.Comment}
		var err error
		if record.List, err = druid.ParseRuleList([]byte(entry.Payload)); err != nil {
			record.Problem = fmt.Sprintf("the rules of %s cannot be read: %v", entry.AuditTime, err)
		}
		records = append(records, record)
	}
	return records, nil
}
