package metastore

import (
	"context"
	"fmt"

	"coppice/internal/druid"
)

// Rules returns every rule list that the store still has, of all keys, in no order. Druid writes a new row for each
// change and takes the one with the greatest version; old rows stay, so they are the history. The author is known of
// the last change only.
func (v *View) Rules(ctx context.Context) ([]druid.RuleRecord, error) {
	rows, err := v.tx.QueryContext(ctx, "SELECT datasource, version, payload FROM "+v.store.tables.name("rules")+" WHERE $1", true)
	if err != nil {
		return nil, v.store.problem("read rules", err)
	}
	defer rows.Close()
	var records []druid.RuleRecord
	for rows.Next() {
		var key, version string
		var payload []byte
		if err := rows.Scan(&key, &version, &payload); err != nil {
			return nil, v.store.problem("read rules", err)
		}
		records = append(records, ruleRecord(key, version, payload))
	}
	return records, v.store.problem("read rules", rows.Err())
}

func ruleRecord(key, version string, payload []byte) druid.RuleRecord {
	record := druid.RuleRecord{Key: key, Since: druid.NoInstant}
	since, ok := druidInstant(version)
	if !ok {
		// Which row Druid takes is then a matter of text order, so the list in force cannot be told.
		record.Problem = fmt.Sprintf("a rule row has the version %q, which is not an instant as Druid writes it", version)
		return record
	}
	record.Since = since
	list, err := druid.ParseRuleList(payload)
	if err != nil {
		record.Problem = fmt.Sprintf("the rules of %s cannot be read: %v", version, err)
	}
	record.List = list
	return record
}

// sqlAuthors takes the row with the greatest serial number of each key: a number, not a text.
const sqlAuthors = `SELECT a.audit_key, a.author FROM %[1]s a
JOIN (SELECT max(id) AS id FROM %[1]s WHERE type = 'rules' GROUP BY audit_key) m ON m.id = a.id`

// Authors says who last changed the rules of each key, as far as the audit table tells; for display only.
func (v *View) Authors(ctx context.Context) (map[string]string, error) {
	authors := map[string]string{}
	if !v.store.tables.exists("audit") {
		return authors, nil
	}
	err := v.optionally(ctx, func() error { return v.readAuthors(ctx, authors) })
	return authors, v.store.problem("read the audit table", err)
}

func (v *View) readAuthors(ctx context.Context, into map[string]string) error {
	rows, err := v.tx.QueryContext(ctx, fmt.Sprintf(sqlAuthors, v.store.tables.name("audit")))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key, author string
		if err := rows.Scan(&key, &author); err != nil {
			return err
		}
		into[key] = author
	}
	return rows.Err()
}
