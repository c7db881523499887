package config

import (
	"fmt"

	"coppice/internal/diag"
)

// resolver knows the blocks that others refer to.
type resolver struct {
	*decoder
	policies map[string]*body
	guard    *section
}

// body is what a policy and a datasource have in common.
type body struct {
	section           *section
	rules             *Rules
	kill, task, guard *section
}

// resolve turns what was written into settled values.
func (d *decoder) resolve(root *section) *Config {
	r := &resolver{decoder: d, policies: map[string]*body{}, guard: root.one("guard")}
	r.wholeBudget(layers{r.guard}, false)
	r.readPolicies(root)
	config := &Config{Guard: r.guards(&body{}, &body{}), Policies: sortedKeys(r.policies)}
	for _, s := range byName(root.all("cluster")) {
		cluster := r.cluster(s)
		if r.first(s) {
			config.Clusters = append(config.Clusters, cluster)
		}
	}
	r.datasources(root, config)
	if s := root.one("default_rules"); s != nil {
		config.DefaultRules = r.defaultRules(s)
	}
	for _, s := range byName(root.all("hold")) {
		hold := r.hold(s)
		if r.first(s) {
			config.Holds = append(config.Holds, hold)
		}
	}
	for _, s := range byName(root.all("removal")) {
		removal := r.removal(s)
		if r.first(s) {
			config.Removals = append(config.Removals, removal)
		}
	}
	for _, s := range root.all("allow") {
		if allow, ok := r.allow(s); ok {
			config.Allows = append(config.Allows, allow)
		}
	}
	return config
}

func (r *resolver) readPolicies(root *section) {
	for _, s := range root.all("policy") {
		policy := r.body(s)
		r.wholeBudget(layers{policy.guard, r.guard}, root.damaged)
		if r.first(s) {
			r.policies[s.labels[0]] = policy
		}
	}
}

// datasources tells the exact blocks from the families.
func (r *resolver) datasources(root *section, config *Config) {
	for _, s := range byName(root.all("datasource")) {
		datasource := r.datasource(s, root.damaged)
		switch {
		case !r.first(s):
		case isPattern(datasource.Name):
			config.Families = append(config.Families, datasource)
		default:
			config.Datasources = append(config.Datasources, datasource)
		}
	}
}

// first reports blocks of one kind that share their label; all but the first do not count.
func (d *decoder) first(s *section) bool {
	what, name := s.schema.Name, s.labels[0]
	key := [2]string{what, name}
	earlier, repeated := d.seen[key]
	if !repeated {
		d.seen[key] = s
		return true
	}
	d.add(diag.Diagnostic{
		Code: "duplicate-" + what, Range: s.origin, Summary: fmt.Sprintf("Second %s of one name", what),
		Detail: fmt.Sprintf("%s %s stands at %s already, and here again at %s. Only one of them could count.",
			what, quote(name), place(earlier.origin), place(s.origin)),
		Hint: fmt.Sprintf("Move what is new into the block at %s, or give this one another name.", place(earlier.origin)),
	})
	return false
}

// body reads what policies and datasources have in common.
func (r *resolver) body(s *section) *body {
	b := &body{section: s, kill: s.one("kill"), guard: s.one("guard")}
	b.task = b.kill.one("task")
	rules, retention := s.one("rules"), s.one("retention")
	if rules != nil && retention != nil {
		r.add(diag.Diagnostic{
			Code: "rules-and-retention", Range: latter(rules, retention).origin, Summary: "rules and retention in one block",
			Detail: fmt.Sprintf("rules stand at %s and retention at %s. retention compiles to a rule list, and a datasource has one list.",
				place(rules.origin), place(retention.origin)),
			Hint: "Keep one of the two.",
		})
	}
	switch {
	case rules != nil:
		b.rules = r.ruleList(rules)
	case retention != nil:
		b.rules = r.retention(retention)
	}
	if rules != nil && retention != nil {
		r.retention(retention) // for its mistakes
	}
	return b
}

// latter is the section that stands behind the other one.
func latter(a, b *section) *section {
	if a.origin.Compare(b.origin) > 0 {
		return a
	}
	return b
}
