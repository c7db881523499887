package config

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// urlValue takes a base URL. Nothing of it is quoted in messages: it may come from env(), and it may hold a password.
func urlValue(a *Attribute, v cty.Value) (any, *complaint) {
	text, wrong := textOf(a, v)
	if wrong != nil {
		return nil, wrong
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, badURL(a, "It cannot be parsed as a URL.")
	case u.User != nil:
		return nil, &complaint{code: "credentials-in-url", summary: a.Name + " holds credentials",
			detail: "A URL is printed and saved; credentials belong in the auth block.",
			hint:   "auth {\n  username = \"coppice\"\n  password = env(\"DRUID_PASSWORD\")\n}"}
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, badURL(a, "It does not begin with http:// or https://.")
	case u.Hostname() == "":
		return nil, badURL(a, "It names no host.")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(text, "#"):
		return nil, badURL(a, "A base URL has no ? and no #.")
	}
	return strings.TrimRight(text, "/"), nil
}

func badURL(a *Attribute, why string) *complaint {
	return &complaint{code: "bad-url", summary: a.Name + " is not a base URL",
		detail: fmt.Sprintf("%s Expected %s.", why, expectation(a))}
}
