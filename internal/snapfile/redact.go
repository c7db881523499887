package snapfile

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"coppice/internal/druid"
	"coppice/internal/snapshot"
)

// removed stands where a text was that says nothing decisions depend on.
const removed = "(redacted)"

// Redact replaces, in the snapshot itself, every name that tells whose cluster it is: of the cluster, its datasources,
// hosts, files, tasks and people, and every sentence that could quote one. Equal names become equal words, so that
// decisions stay the same; without the key nobody can guess them. Names of tiers, versions, intervals, times and sizes
// stay. Of rules of unknown kinds only the type stays.
func Redact(c *snapshot.Cluster, key []byte) {
	r := redactor(key)
	c.Name, c.Identity = r.word("cluster", c.Name), r.word("identity", c.Identity)
	if c.Sources.Disagree != "" {
		c.Sources.Disagree = removed
	}
	if c.Duties != nil && c.Duties.Detail != "" {
		c.Duties.Detail = removed
	}
	if c.AutoKill != nil {
		r.killer(&c.AutoKill.Coordinator)
		r.killer(&c.AutoKill.Overlord)
	}
	r.rules(&c.DefaultRules)
	r.gaps(c.Gaps)
	for _, d := range c.Datasources {
		r.datasource(d)
	}
	c.Finish()
}

// redactor is the key.
type redactor []byte

func (r redactor) sum(kind string, content []byte) [sha256.Size]byte {
	h := hmac.New(sha256.New, r)
	h.Write(append([]byte(kind), 0))
	h.Write(content)
	return [sha256.Size]byte(h.Sum(nil))
}

// word is what stands for a name of that kind.
func (r redactor) word(kind, name string) string {
	if name == "" {
		return ""
	}
	sum := r.sum(kind, []byte(name))
	return kind + "-" + hex.EncodeToString(sum[:8])
}

func (r redactor) name(dataSource string) string { return r.word("datasource", dataSource) }

func (r redactor) killer(k *snapshot.Killer) {
	if k.Unknown != "" {
		k.Unknown = removed
	}
	for i, name := range k.Only {
		k.Only[i] = r.name(name)
	}
	slices.Sort(k.Only)
}

func (r redactor) gaps(gaps []snapshot.Gap) {
	for i := range gaps {
		gaps[i].Why = removed
	}
}

func (r redactor) rules(rules *snapshot.Rules) {
	rules.LastAuthor, rules.LastComment = "", ""
	r.list(rules.List)
	for i := range rules.History {
		r.list(rules.History[i].List)
	}
}

// list leaves of rules that this version cannot judge their type, and whether two of them are equal.
func (r redactor) list(list druid.RuleList) {
	for i := range list {
		rule := &list[i]
		if rule.Raw == nil || rule.Type == "" {
			continue
		}
		sum := r.sum("rule", rule.Raw)
		rule.Raw, _ = json.Marshal(map[string]string{"type": rule.Type, "redacted": hex.EncodeToString(sum[:8])}) // it never fails
	}
}

func (r redactor) datasource(d *snapshot.Datasource) {
	old := d.Name
	d.Name = r.name(old)
	r.rules(&d.Rules)
	r.gaps(d.Gaps)
	for i := range d.Busy {
		d.Busy[i].By = r.word("task", d.Busy[i].By)
	}
	for i, root := range d.Roots {
		d.Roots[i] = r.root(old, root)
	}
	for i := range d.Shards {
		// Only whether borders are equal counts: they chain the parts of a set.
		d.Shards[i].Start, d.Shards[i].End = r.word("border", d.Shards[i].Start), r.word("border", d.Shards[i].End)
	}
	for i := range d.Segments {
		if s := &d.Segments[i]; s.File != snapshot.NoFile {
			s.File = r.file(s.File)
		}
	}
}

// root is a segment's id; it stays the id of the same segment, under the datasource's new name.
func (r redactor) root(dataSource, id string) string {
	if rest, own := strings.CutPrefix(id, dataSource+"_"); own {
		return r.name(dataSource) + "_" + rest
	}
	return r.word("root", id)
}

// file is another fingerprint: those of a file can be guessed from paths.
func (r redactor) file(file uint64) uint64 {
	sum := r.sum("file", binary.BigEndian.AppendUint64(nil, file))
	return max(binary.BigEndian.Uint64(sum[:]), snapshot.NoFile+1)
}
