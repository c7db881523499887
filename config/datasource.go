package config

import (
	"encoding/json"
	"fmt"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

func (r *resolver) datasource(s *section, damaged bool) *Datasource {
	r.datasourceName(s)
	own := r.body(s)
	policy := r.policyOf(s, damaged)
	r.wholeBudget(layers{own.guard, policy.guard, r.guard}, damaged)
	except, _ := setting[[]string](s, "except")
	d := &Datasource{
		Name: s.labels[0], Origin: s.origin, Except: except.Value, Rules: own.rules,
		Kill: r.kill(own, policy), Guard: r.guards(own, policy),
		Restore: pickOr[bool](layers{s, policy.section}, s.schema, "restore"),
	}
	if d.Rules == nil {
		d.Rules = policy.rules
	}
	return d
}

func (r *resolver) datasourceName(s *section) {
	name := s.labels[0]
	p := diag.Diagnostic{Range: s.labelRanges[0]}
	switch why := badName(name); {
	case why != "":
		p.Code, p.Summary = "bad-name", "Not a name of a datasource"
		p.Detail = "Found " + quote(name) + ": " + why + "."
		p.Hint = "Write the name as Druid shows it."
	case !isPattern(name) && s.has("except"):
		p.Code, p.Range, p.Summary = "except-without-pattern", s.written["except"], "except without a pattern"
		p.Detail = "The block is about the one datasource " + quote(name) + ", so that there is nothing to except."
		p.Hint = "Remove except, or name a family: datasource \"events_*\" { … }."
	default:
		return
	}
	r.add(p)
}

// policyOf returns the policy that a datasource names, or an empty one.
func (r *resolver) policyOf(s *section, damaged bool) *body {
	name, named := setting[string](s, "policy")
	if !named {
		return &body{}
	}
	if policy, known := r.policies[name.Value]; known {
		return policy
	}
	if damaged {
		return &body{} // it may stand where the syntax error is
	}
	known := sortedKeys(r.policies)
	p := diag.Diagnostic{
		Code: "unknown-policy", Range: name.Range, Summary: "Unknown policy " + quote(name.Value),
		Detail: "There is no policy block.", Hint: fmt.Sprintf("policy %q {\n}", name.Value),
	}
	if len(known) > 0 {
		p.Detail = "The policies are " + list(known) + "." + didYouMean(name.Value, known)
	}
	if near := diag.Nearest(name.Value, known); near != "" {
		p.Hint = "policy = " + Literal(near)
	}
	r.add(p)
	return &body{}
}

// kill merges attribute by attribute; nil when neither the datasource nor its policy has the block.
func (r *resolver) kill(own, policy *body) *Kill {
	blocks, tasks := layers{own.kill, policy.kill}, layers{own.task, policy.task}
	origin := own.kill
	if origin == nil {
		origin = policy.kill
	}
	if origin == nil {
		return nil
	}
	k := &Kill{
		Origin:          origin.origin,
		SupersededAfter: grace(blocks, origin.schema, "superseded_after"),
		ExpiredAfter:    grace(blocks, origin.schema, "expired_after"),
		OlderThan:       optional[druid.Period](blocks, "older_than"),
		Task:            task(tasks, origin.schema.block("task")),
	}
	return k
}

// grace is nil for never.
func grace(blocks layers, schema *Block, name string) *Setting[druid.Period] {
	got := pickOr[*druid.Period](blocks, schema, name)
	if got.Value == nil {
		return nil
	}
	return &Setting[druid.Period]{Value: *got.Value, Range: got.Range}
}

func task(tasks layers, schema *Block) Task {
	context, _ := pick[map[string]json.RawMessage](tasks, "context")
	return Task{
		MaxSegments: narrowed(pickOr[int64](tasks, schema, "max_segments")),
		MaxInterval: pickOr[druid.Period](tasks, schema, "max_interval"),
		Concurrency: narrowed(pickOr[int64](tasks, schema, "concurrency")),
		Context:     context.Value,
	}
}

// narrowed is safe: the schema bounds what is given to it.
func narrowed(s Setting[int64]) Setting[int] {
	return Setting[int]{Value: int(s.Value), Range: s.Range}
}
