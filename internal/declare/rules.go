package declare

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"coppice/internal/druid"
)

// rulesForm is Druid's rules one by one.
func rulesForm(list druid.RuleList) form {
	return form{name: fmt.Sprintf("rules-%.8s", list.Digest()), write: func(body *hclwrite.Body) {
		writeRules(body.AppendNewBlock("rules", nil).Body(), list)
	}}
}

func writeRules(body *hclwrite.Body, list druid.RuleList) {
	for i := range list {
		writeRule(body, &list[i])
	}
}

// blocks are the kinds of blocks by what the rule does.
var blocks = map[druid.Action]string{druid.ActionLoad: "load", druid.ActionDrop: "drop", druid.ActionBroadcast: "broadcast"}

// writeRule writes one rule; one of a kind that this version cannot judge stays the JSON that it is.
func writeRule(body *hclwrite.Body, rule *druid.Rule) {
	kind := blocks[rule.Action()]
	if kind == "" {
		body.AppendNewBlock("rule", nil).Body().SetAttributeRaw("json", text(string(rule.Raw)))
		return
	}
	inner := body.AppendNewBlock(kind, nil).Body()
	condition(inner, strings.TrimPrefix(rule.Type, kind), rule)
	if kind == "load" {
		replicants(inner, "tiered_replicants", rule.Replicants)
	}
}

// condition writes which segments the rule is about. A missing period is Druid's zero.
func condition(body *hclwrite.Body, suffix string, rule *druid.Rule) {
	period := druid.Period{}
	if rule.Period != nil {
		period = *rule.Period
	}
	switch suffix {
	case "ByPeriod":
		body.SetAttributeRaw("period", text(period.String()))
		if !rule.IncludeFuture {
			body.SetAttributeValue("include_future", cty.False)
		}
	case "BeforeByPeriod":
		body.SetAttributeRaw("before_period", text(period.String()))
	case "ByInterval":
		if rule.Interval != nil { // without one it does not read back, and is left out
			body.SetAttributeRaw("interval", text(interval(*rule.Interval)))
		}
	default:
		body.SetAttributeValue("forever", cty.True)
	}
}

// replicants writes them unless they are what Druid fills in anyhow.
func replicants(body *hclwrite.Body, name string, list druid.Replicants) {
	if isDefault(list) {
		return
	}
	pairs := make([]string, len(list))
	for n, tier := range list {
		pairs[n] = fmt.Sprintf("%s = %d", key(tier.Tier), tier.Count)
	}
	shown := "{}"
	if len(pairs) > 0 {
		shown = "{ " + strings.Join(pairs, ", ") + " }"
	}
	body.SetAttributeRaw(name, raw(shown))
}

func isDefault(list druid.Replicants) bool {
	return len(list) == 1 && list[0] == druid.TierReplicants{Tier: druid.DefaultTier, Count: druid.DefaultReplicants}
}

// key is a tier as an object's key.
func key(tier string) string {
	if hclsyntax.ValidIdentifier(tier) {
		return tier
	}
	return string(text(tier).Bytes())
}

// interval leaves out what midnight says anyhow: days are written as dates.
func interval(i druid.Interval) string {
	start, end := i.Start.String(), i.End.String()
	short := func(t string) string { return strings.TrimSuffix(t, "T00:00:00.000Z") }
	return short(start) + "/" + short(end)
}

// text is a string as HCL writes it.
func text(s string) hclwrite.Tokens { return hclwrite.TokensForValue(cty.StringVal(s)) }

// raw is an expression that is written already.
func raw(expression string) hclwrite.Tokens {
	return hclwrite.Tokens{{Type: hclsyntax.TokenIdent, Bytes: []byte(expression)}}
}

// comment stands on a line of its own.
func comment(body *hclwrite.Body, words string) {
	body.AppendUnstructuredTokens(hclwrite.Tokens{{Type: hclsyntax.TokenComment, Bytes: []byte("# " + words + "\n")}})
}
