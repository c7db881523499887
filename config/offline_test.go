package config

import (
	"strings"
	"testing"
	"testing/fstest"
)

const secretive = `
cluster "prod" {
  coordinator = env("URL")
  metadata {
    dsn = "postgres://${env("HOST")}/druid"
  }
  auth {
    username = "coppice"
    password = env("PASSWORD")
  }
}
variable "overlord" {
  sensitive = true
}
cluster "other" {
  coordinator = "https://router.example"
  overlord    = "https://${var.overlord}"
  auth {
    token = var.overlord
  }
}
datasource "d" {
}
`

// TestOffline: without the cluster nothing secret needs to be set, and the configuration means the same as with it.
func TestOffline(t *testing.T) {
	load := func(text string, offline bool, env map[string]string) (*Config, []string) {
		lookup := func(name string) (string, bool) { value, ok := env[name]; return value, ok }
		c, list := Load(fstest.MapFS{"c.hcl": {Data: []byte(text)}}, Options{Env: lookup, Offline: offline})
		var codes []string
		for _, p := range list {
			codes = append(codes, p.Code)
		}
		return c, codes
	}
	if _, codes := load(secretive, false, nil); len(codes) != 4 || codes[0] != "env-unset" {
		t.Errorf("online: got %v, want four variables that are not set", codes)
	}
	without, codes := load(secretive, true, nil)
	if len(codes) > 0 {
		t.Fatalf("offline: %v", codes)
	}
	with, codes := load(secretive, false, map[string]string{"URL": "https://router.example", "HOST": "db.example", "PASSWORD": "p",
		variablePrefix + "overlord": "overlord.example"})
	if len(codes) > 0 {
		t.Fatalf("with all of it: %v", codes)
	}
	for _, cluster := range []string{"prod", "other"} {
		if without.Digest(cluster) != with.Digest(cluster) {
			t.Error("offline the configuration means something else")
		}
	}
	if _, codes := load(`cluster "prod" {
  coordinator = nev("URL")
}
datasource "d" {
  policy = env("POLICY")
}`, true, nil); len(codes) != 2 || codes[0] != "unknown-function" || codes[1] != "env-unset" {
		t.Errorf("other mistakes: got %v, want the unknown function and the variable that decides something", codes)
	}
}

// TestOneClusterOfSeveral: only the secrets of the cluster that is reached need to be set, and nothing else gets away.
func TestOneClusterOfSeveral(t *testing.T) {
	codes := func(text, cluster string, env map[string]string) (codes []string) {
		lookup := func(name string) (string, bool) { value, ok := env[name]; return value, ok }
		_, list := Load(fstest.MapFS{"c.hcl": {Data: []byte(text)}}, Options{Env: lookup, Cluster: cluster})
		for _, p := range list {
			codes = append(codes, p.Code)
		}
		return codes
	}
	all := map[string]string{"URL": "https://router.example", "HOST": "db.example", "PASSWORD": "p"}
	overlord := map[string]string{variablePrefix + "overlord": "overlord.example"}
	for _, c := range []struct {
		name, text, cluster string
		env                 map[string]string
		want                int
	}{
		{"prod, its own", secretive, "prod", all, 0},
		{"prod, nothing", secretive, "prod", nil, 3},
		{"other, its own", secretive, "other", overlord, 0},
		{"other, nothing", secretive, "other", nil, 1},
		{"other, and the rest empty", secretive, "other", map[string]string{"URL": "", "HOST": "", "PASSWORD": "", variablePrefix + "overlord": "o.example"}, 0},
		{"prod, its own empty", secretive, "prod", map[string]string{"URL": "https://router.example", "HOST": "db", "PASSWORD": ""}, 1},
		{"one that is not there", secretive, "nowhere", nil, 0}, // choosing it fails
		{"not named", secretive, "", all, 1},
		{"by a local", secretive + "locals {\n  o = var.overlord\n}\n", "prod", all, 1},
		{"another mistake", strings.Replace(secretive, "overlord    =", "overlrod =", 1), "prod", all, 1},
		{"a secret that would be shown", secretive + "policy \"p\" {\n  restore = env(\"X\")\n}\n", "prod", all, 1},
	} {
		if got := codes(c.text, c.cluster, c.env); len(got) != c.want {
			t.Errorf("%s: %v, want %d mistakes", c.name, got, c.want)
		}
	}
}
