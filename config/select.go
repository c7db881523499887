package config

import (
	"fmt"

	"coppice/internal/diag"
)

// Select returns the cluster of that name; without a name the only one there is.
func (c *Config) Select(name string) (*Cluster, diag.List) {
	var names []string
	for _, cluster := range c.Clusters {
		if cluster.Name == name {
			return cluster, nil
		}
		names = append(names, cluster.Name)
	}
	if name == "" && len(c.Clusters) == 1 {
		return c.Clusters[0], nil
	}
	p := c.notSelected(name, names)
	p.Severity = diag.Error
	return nil, diag.List{p}
}

func (c *Config) notSelected(name string, names []string) diag.Diagnostic {
	switch {
	case len(names) == 0:
		return diag.Diagnostic{
			Code: "no-cluster", Summary: "No cluster is declared",
			Detail: "The configuration has no cluster block, so that it is not known where to look.",
			Hint:   "cluster \"prod\" {\n  coordinator = \"https://router.example:8888\"\n}",
		}
	case name == "":
		return diag.Diagnostic{
			Code: "cluster-not-chosen", Range: c.Clusters[1].Origin, Summary: "More than one cluster is declared",
			Detail: fmt.Sprintf("The configuration has the clusters %s.", list(names)), Hint: "--cluster " + names[0],
		}
	}
	p := diag.Diagnostic{
		Code: "unknown-cluster", Summary: "Unknown cluster " + quote(name),
		Detail: fmt.Sprintf("The configuration has %s.%s", list(names), didYouMean(name, names)), Hint: "--cluster " + names[0],
	}
	if near := diag.Nearest(name, names); near != "" {
		p.Hint = "--cluster " + near
	}
	return p
}
