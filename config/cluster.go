package config

import (
	"fmt"
	"strings"

	"coppice/internal/diag"
	"coppice/internal/druid"
)

func (r *resolver) cluster(s *section) *Cluster {
	r.clusterName(s)
	slots := layers{s.one("kill_tasks")}
	c := &Cluster{
		Name: s.labels[0], Origin: s.origin,
		CoordinatorSensitive: s.values["coordinator"].sensitive, OverlordSensitive: s.values["overlord"].sensitive,
		Metadata: r.metadata(s.one("metadata")), Auth: r.auth(s.one("auth")), TLS: r.tls(s.one("tls")),
		MaxSlotsPercent: narrowed(pickOr[int64](slots, s.schema.block("kill_tasks"), "max_slots_percent")),
		Sandbox:         sandbox(s.one("sandbox")),
	}
	c.Coordinator, _ = setting[string](s, "coordinator")
	c.Overlord, _ = setting[string](s, "overlord")
	r.oneKindOfCluster(s)
	return c
}

func (r *resolver) clusterName(s *section) {
	name := s.labels[0]
	allowed := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("_-.", c)
	}
	if name != "" && strings.TrimFunc(name, allowed) == "" && !strings.ContainsFunc(name, func(c rune) bool { return !allowed(c) }) {
		return
	}
	r.add(diag.Diagnostic{
		Code: "bad-name", Range: s.labelRanges[0], Summary: "Not a name of a cluster",
		Detail: "Found " + quote(name) + "; expected letters, digits, dots, hyphens and underscores: the name is typed at prompts and as --cluster.",
		Hint:   `cluster "prod" {` + "\n}",
	})
}

// oneKindOfCluster: a cluster is the sandbox, or is reached through its Coordinator, its metadata store or both.
func (r *resolver) oneKindOfCluster(s *section) {
	sandbox := s.one("sandbox")
	if sandbox != nil {
		r.sandboxAlone(s, sandbox)
		return
	}
	if s.damaged || s.has("coordinator") || s.one("metadata") != nil {
		return
	}
	r.add(diag.Diagnostic{
		Code: "cluster-empty", Range: s.origin, Summary: "Cluster says not where it is",
		Detail: "Expected a coordinator, a metadata block or a sandbox block.",
		Hint:   pasted(s.schema.attribute("coordinator")),
	})
}

func (r *resolver) sandboxAlone(s, sandbox *section) {
	complain := func(name string, at diag.Range) {
		r.add(diag.Diagnostic{
			Code: "sandbox-conflict", Range: at, Summary: fmt.Sprintf("%s beside a sandbox", name),
			Detail: fmt.Sprintf("The sandbox at %s is the whole cluster, in process; %s would not be used.", place(sandbox.origin), name),
			Hint:   "Remove one of the two, or make two clusters of it.",
		})
	}
	for _, name := range []string{"coordinator", "overlord"} {
		if at, written := s.written[name]; written {
			complain(name, at)
		}
	}
	for _, name := range []string{"metadata", "auth", "tls"} {
		if block := s.one(name); block != nil {
			complain(name, block.origin)
		}
	}
}

func (r *resolver) metadata(s *section) *Metadata {
	if s == nil {
		return nil
	}
	m := &Metadata{
		Origin: s.origin, Tables: pickOr[string](layers{s}, s.schema, "tables"),
		StatementTimeout: pickOr[druid.Period](layers{s}, s.schema, "statement_timeout"),
	}
	m.DSN, _ = setting[Secret](s, "dsn")
	return m
}

func (r *resolver) auth(s *section) *Auth {
	if s == nil {
		return nil
	}
	r.oneKindOfAuth(s)
	username, _ := setting[Secret](s, "username")
	password, _ := setting[Secret](s, "password")
	token, bearer := setting[Secret](s, "token")
	return &Auth{
		Origin: s.origin, Username: username.Value.Reveal(), Password: password.Value, Token: token.Value, Bearer: bearer,
	}
}

func (r *resolver) oneKindOfAuth(s *section) {
	user, password, token := s.has("username"), s.has("password"), s.has("token")
	p := diag.Diagnostic{Range: s.origin}
	switch {
	case token && (user || password):
		p.Code, p.Summary = "auth-both", "auth has a token and a username or password"
		p.Detail = "A request carries one of the two: basic authentication, or a bearer token."
		p.Hint = "Remove one of the two."
	case token || user && password || s.damaged:
		return
	default:
		missing := "password"
		if password || !user {
			missing = "username"
		}
		p.Code, p.Summary = "missing-attribute", "auth has no "+missing
		p.Detail = "Expected username and password, or token."
		p.Hint = pasted(s.schema.attribute(missing))
	}
	r.add(p)
}

func (r *resolver) tls(s *section) *TLS {
	if s == nil {
		return nil
	}
	if s.has("cert_file") != s.has("key_file") && !s.damaged {
		missing := "key_file"
		if s.has("key_file") {
			missing = "cert_file"
		}
		r.add(diag.Diagnostic{
			Code: "missing-attribute", Range: s.origin, Summary: "tls has no " + missing,
			Detail: "A client certificate needs its key, and the other way round.", Hint: pasted(s.schema.attribute(missing)),
		})
	}
	text := func(name string) string {
		got, _ := setting[string](s, name)
		return got.Value
	}
	return &TLS{
		Origin: s.origin, CAFile: text("ca_file"), CertFile: text("cert_file"), KeyFile: text("key_file"),
		ServerName: text("server_name"),
	}
}

func sandbox(s *section) *Sandbox {
	if s == nil {
		return nil
	}
	b := &Sandbox{Origin: s.origin}
	b.Directory, _ = setting[string](s, "directory")
	b.Seed, _ = setting[string](s, "seed")
	return b
}
