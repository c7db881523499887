package config

// Finding is a blocking finding of a plan, and whether an allow block may consent to it.
type Finding struct {
	Code      string
	Allowable bool
	// Why says what speaks against consent; empty when allowable.
	Why string
}

// Findings lists every finding of severity error, in the order of the documentation. Warnings and notes never block,
// so that they need no consent.
func Findings() []Finding {
	const allowable = true
	return []Finding{
		{Code: "rule-unreachable", Allowable: allowable},
		{Code: "rule-stops-coordinator", Why: "Such a rule stops the rule run of all datasources; mend the rule."},
		{Code: "resurfacing", Allowable: allowable},
		{Code: "partial-overlap", Allowable: allowable},
		{Code: "tombstone-unsafe", Allowable: allowable},
		{Code: "timeline-clash", Why: "It freezes the Coordinator's view of all datasources; mend the segments."},
		{Code: "tier-unknown", Allowable: allowable},
		{Code: "datasource-unknown", Allowable: allowable},
		{Code: "ambiguous-family", Why: "Consent would not say which policy counts; except the datasource from one family, or give it a block of its own."},
		{Code: "drops-everything", Allowable: allowable},
		{Code: "held-data-dropped", Why: "A hold outlives consent; put a load rule for the held interval in front."},
		{Code: "restore-dropped-again", Allowable: allowable},
		{Code: "kill-unpinned", Allowable: allowable},
		{Code: "auto-kill-conflict", Allowable: allowable},
		{Code: "rule-unknown", Allowable: allowable},
		{Code: "guard-max-unused-percent", Allowable: allowable},
		{Code: "guard-newest-victim-age", Allowable: allowable},
		{Code: "guard-max-kill-segments", Allowable: allowable},
		{Code: "guard-max-restore-segments", Allowable: allowable},
		{Code: "guard-max-unused-bytes", Allowable: allowable},
		{Code: "guard-max-kill-bytes", Allowable: allowable},
		{Code: "guard-max-restore-bytes", Allowable: allowable},
		{Code: "guard-budget", Allowable: allowable},
	}
}

// AllowableCodes lists the codes that an allow block may name.
func AllowableCodes() []string {
	var codes []string
	for _, f := range Findings() {
		if f.Allowable {
			codes = append(codes, f.Code)
		}
	}
	return codes
}
