allow "resurfacing" { # error: missing-attribute, missing-attribute, missing-attribute
}

allow "resurfacin" { # error: unknown-finding
  datasources = ["a"]
  until       = "2026-12-31"
  reason      = "x"
}

allow "never-expires" { # error: unknown-finding
  datasources = ["a"]
  until       = "2026-12-31"
  reason      = "x"
}

allow "rule-stops-coordinator" { # error: not-allowable
  datasources = ["a"]
  until       = "2026-12-31"
  reason      = "x"
}

allow "timeline-clash" { # error: not-allowable
  datasources = ["a"]
  until       = "2026-12-31"
  reason      = "x"
}

allow "held-data-dropped" { # error: not-allowable
  datasources = ["a"]
  until       = "2026-12-31"
  reason      = "x"
}

allow "drops-everything" {
  datasources  = []           # error: empty-value
  until        = "2026-02-30" # error: bad-date
  reason       = "  "         # error: empty-value
  interval     = "2026-01-01" # error: bad-interval
  max_segments = 0            # error: bad-number
}

allow "drops-everything" {
  datasources = "a"                   # error: wrong-type
  until       = "2026-12-31T12:00:00" # error: bad-date
  reason      = "x"
}

allow "drops-everything" {
  datasources = ["a"]
  interval    = "2026-01-01/2026-01-01" # error: bad-interval
  until       = "2026-12-31"
  reason      = "x"
}

allow "drops-everything" {
  datasources = ["a", "b/c"] # error: bad-name
  until       = "soon"       # error: bad-date
  reason      = 5            # error: wrong-type
}
