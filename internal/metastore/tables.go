package metastore

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"
)

// tables are the tables of one Druid and the columns that they have here.
type tables struct {
	// base is as configured; prefix quotes a schema if there is one.
	base, schema, stem string
	columns            map[string][]string
	// cstrings: the server prints texts as cstring when asked to, which relatives of PostgreSQL may not.
	cstrings bool
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$]*$`)

// parseTables reads a base name. Druid writes names without quotes, so PostgreSQL folds them to lower case.
func parseTables(base string) (tables, error) {
	if base == "" {
		base = defaultTables
	}
	t := tables{base: base, stem: base, columns: map[string][]string{}}
	if schema, stem, found := strings.Cut(base, "."); found {
		t.schema, t.stem = strings.ToLower(schema), stem
		if !identifier.MatchString(schema) {
			return tables{}, badTables(base)
		}
	}
	if !identifier.MatchString(t.stem) {
		return tables{}, badTables(base)
	}
	t.stem = strings.ToLower(t.stem)
	return t, nil
}

func badTables(base string) error {
	return &Error{Problem: ProblemTable, Doing: "read metadata.tables", Text: fmt.Sprintf("%q is not a name", base),
		Advice: "it is druid.metadata.storage.tables.base: letters, digits and _, such as \"druid\""}
}

// name quotes the table of a suffix such as "segments".
func (t *tables) name(suffix string) string {
	name := `"` + t.stem + "_" + suffix + `"`
	if t.schema != "" {
		name = `"` + t.schema + `".` + name
	}
	return name
}

func (t *tables) has(suffix, column string) bool { return slices.Contains(t.columns[suffix], column) }
func (t *tables) exists(suffix string) bool      { return len(t.columns[suffix]) > 0 }

// needed are the columns without which a table is not Druid's, by suffix; present in every version that is supported.
var needed = map[string][]string{
	"segments": {"id", "datasource", "start", "end", "version", "used", "payload", "created_date"},
	"rules":    {"datasource", "version", "payload"},
}

// optional tables are read when they are there; what they would tell is a gap without them.
var optional = []string{"config", "audit", "tasks", "tasklocks", "pendingsegments"}

const sqlColumns = `SELECT t.suffix, a.attname::text FROM unnest($1::text[], $2::text[]) t(suffix, name)
JOIN pg_catalog.pg_attribute a ON a.attrelid = to_regclass(t.name) WHERE a.attnum > 0 AND NOT a.attisdropped`

// probe looks at which tables and columns there are.
func (t *tables) probe(ctx context.Context, db *sql.DB, s secret) error {
	suffixes := slices.Concat([]string{"segments", "rules"}, optional)
	var names []string
	for _, suffix := range suffixes {
		names = append(names, t.name(suffix))
	}
	err := eachRow(ctx, db, sqlColumns, []any{pq.Array(suffixes), pq.Array(names)}, func(rows *sql.Rows) error {
		var suffix, column string
		err := rows.Scan(&suffix, &column)
		t.columns[suffix] = append(t.columns[suffix], column)
		return err
	})
	if err != nil {
		return explain("look for Druid's tables", err, s)
	}
	for _, suffix := range []string{"segments", "rules"} {
		if err := t.check(suffix); err != nil {
			return err
		}
	}
	return nil
}

func (t *tables) check(suffix string) error {
	if !t.exists(suffix) {
		return &Error{Problem: ProblemTable, Doing: "look for Druid's tables", Text: "there is no table " + t.name(suffix),
			Advice: advice[ProblemTable]}
	}
	var missing []string
	for _, column := range needed[suffix] {
		if !t.has(suffix, column) {
			missing = append(missing, column)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &Error{Problem: ProblemNotDruid, Doing: "look for Druid's tables",
		Text:   fmt.Sprintf("table %s has no column %s, so it is not Druid's", t.name(suffix), strings.Join(missing, ", ")),
		Advice: "check metadata.tables and the database"}
}

// querier is what a database and a transaction have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, arguments ...any) (*sql.Rows, error)
}

func readTexts(ctx context.Context, from querier, query string, arguments ...any) ([]string, error) {
	rows, err := from.QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var texts []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}
