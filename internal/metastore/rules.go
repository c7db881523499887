package metastore

import (
	"context"
	"database/sql"
	"fmt"

	"coppice/internal/druid"
)

// Rules returns every rule list that the store still has, of all keys, in no order. Druid writes a new row for each
// change and takes the one with the greatest version; old rows stay, so they are the history. Author and comment are
// empty where the audit table does not have the change.
func (v *View) Rules(ctx context.Context) ([]druid.RuleRecord, error) {
	rows, err := v.tx.QueryContext(ctx, "SELECT datasource, version, payload FROM "+v.store.tables.name("rules")+" WHERE $1", true)
	if err != nil {
		return nil, v.store.problem("read rules", err)
	}
	defer rows.Close()
	var records []druid.RuleRecord
	var keys []auditKey
	reader := ruleReader{}
	for rows.Next() {
		var k auditKey
		var payload sql.RawBytes
		if err := rows.Scan(&k.key, &k.version, &payload); err != nil {
			return nil, v.store.problem("read rules", err)
		}
		records, keys = append(records, reader.record(k.key, k.version, payload)), append(keys, k)
	}
	if err := rows.Err(); err != nil {
		return nil, v.store.problem("read rules", err)
	}
	by := v.audit(ctx)
	for i := range records {
		records[i].Author, records[i].Comment = by[keys[i]].Author, by[keys[i]].Comment
	}
	return records, nil
}

// ruleReader remembers the lists that it read, by their JSON: most datasources have the list of others.
type ruleReader map[string]parsedRules

type parsedRules struct {
	list druid.RuleList
	err  error
}

func (r ruleReader) parse(payload []byte) (druid.RuleList, error) {
	known, ok := r[string(payload)]
	if !ok {
		text := string(payload)
		known.list, known.err = druid.ParseRuleList([]byte(text))
		r[text] = known
	}
	return known.list, known.err
}

func (r ruleReader) record(key, version string, payload []byte) druid.RuleRecord {
	record := druid.RuleRecord{Key: key, Since: druid.NoInstant}
	since, ok := druidInstant(version)
	if !ok {
		// Which row Druid takes is then a matter of text order, so the list in force cannot be told.
		record.Problem = fmt.Sprintf("a rule row has the version %q, which is not an instant as Druid writes it", version)
		return record
	}
	record.Since = since
	list, err := r.parse(payload)
	if err != nil {
		record.Problem = fmt.Sprintf("the rules of %s cannot be read: %v", version, err)
	}
	record.List = list
	return record
}

const sqlAudit = `SELECT audit_key, created_date, author, comment FROM %s WHERE type = 'rules'`

// auditKey names one change of rules: Druid gives the rule row and the entry of the audit table the same moment.
type auditKey struct{ key, version string }

// audit says who made which change and with what comment, as far as the audit table tells: it is trimmed, and may be
// missing. For display only.
func (v *View) audit(ctx context.Context) map[auditKey]druid.RuleRecord {
	entries := map[auditKey]druid.RuleRecord{}
	if !v.store.tables.exists("audit") {
		return entries
	}
	if err := v.optionally(ctx, func() error { return v.readAudit(ctx, entries) }); err != nil {
		v.store.log.Debug("who changed rules is not told", "reason", v.store.secret.hide(err.Error()))
	}
	return entries
}

func (v *View) readAudit(ctx context.Context, into map[auditKey]druid.RuleRecord) error {
	rows, err := v.tx.QueryContext(ctx, fmt.Sprintf(sqlAudit, v.store.tables.name("audit")))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k auditKey
		var by druid.RuleRecord
		if err := rows.Scan(&k.key, &k.version, &by.Author, &by.Comment); err != nil {
			return err
		}
		into[k] = by
	}
	return rows.Err()
}
