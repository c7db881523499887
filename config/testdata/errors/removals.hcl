hold "empty" { # error: missing-attribute, missing-attribute
}

hold "twice" {
  datasources = ["a"]
  reason      = "x"
}

hold "twice" { # error: duplicate-hold
  datasources = ["b"]
  reason      = "x"
}

hold "" { # error: bad-name
  datasources = ["a"]
  reason      = "x"
}

hold " a" { # error: bad-name
  datasources = ["_default"] # error: bad-name
  reason      = ""           # error: empty-value
}

hold "two\nlines" { # error: bad-name
  datasources = ["a/b"] # error: bad-name
  reason      = "x"
}

hold "values" {
  datasources = "a"          # error: wrong-type
  interval    = "2025-01-01" # error: bad-interval
  until       = "2026-02-30" # error: bad-date
  reason      = 1            # error: wrong-type
}

hold { # error: missing-label
  datasources = ["a"]
  reason      = "x"
}

hold "secret" {
  datasources = [env("SECRET")] # error: sensitive-value
  reason      = env("SECRET")   # error: sensitive-value
}

removal "empty" { # error: missing-attribute, missing-attribute, missing-attribute, removal-claim-missing
}

removal "twice" {
  datasource = "a"
  interval   = "2024/2025"
  before     = "2024-05-08T00:00:00Z"
  reason     = "x"
}

removal "twice" { # error: duplicate-removal
  datasource = "a"
  interval   = "2024/2025"
  before     = "2024-05-08T00:00:00Z"
  reason     = "x"
}

removal "\t" { # error: bad-name
  datasource = "_default" # error: bad-name
  interval   = "2024/2025"
  before     = "2024-05-08T00:00:00Z"
  reason     = "x"
}

removal "patterns" {
  datasource = "a*" # error: removal-pattern
  interval   = "2024/2025"
  versions   = ["v1", "v2"]
  reason     = "x"
}

removal "two_claims" { # error: removal-claims-conflict
  datasource = "a"
  interval   = "2024/2025"
  before     = "2024-05-08T00:00:00Z"
  versions   = ["v1"]
  reason     = "x"
}

removal "a_claim_and_a_false_one" { # error: removal-claims-conflict
  datasource = "a"
  interval   = "2024/2025"
  versions   = ["v1"]
  tombstones = false
  reason     = "x"
}

removal "a_broken_claim_is_one" {
  datasource = "a"
  interval   = "2024/2025"
  before     = "2024-05-08" # error: bad-instant
  reason     = "x"
}

removal "without_zone" {
  datasource = "a"
  interval   = "2024/2025"
  before     = "2024-05-08T00:00:00" # error: bad-instant
  reason     = "x"
}

removal "no_day" {
  datasource = "a"
  interval   = "2024/2025"
  before     = "2024-02-30T00:00:00Z" # error: bad-instant
  reason     = "x"
}

removal "null_is_no_claim" { # error: removal-claim-missing
  datasource = "a"
  interval   = "2024/2025"
  before     = null
  reason     = "x"
}

removal "false" {
  datasource = "a"
  interval   = "2024/2025"
  tombstones = false # error: tombstones-false
  reason     = "x"
}

removal "everywhere" { # error: missing-attribute
  datasource = "a"
  tombstones = true
  reason     = "x"
}

removal "values" {
  datasource = "a"
  interval   = "2024/2024"      # error: bad-interval
  versions   = ["v1", "", "v1"] # error: empty-value
  kill_after = "P-1D"           # error: bad-period
  reason     = "  "             # error: empty-value
}

removal "versions_twice" {
  datasource = "a"
  interval   = "2024/2025"
  versions = [
    "v1",
    "v2",
    "v1", # error: duplicate-item
  ]
  kill_after = 7 # error: wrong-type
  reason     = "x"
}

removal "no_version" {
  datasource = "a"
  interval   = "2024/2025"
  versions   = [] # error: empty-value
  reason     = "x"
}

removal "version_of_a_string" {
  datasource = "a"
  interval   = "2024/2025"
  versions   = "v1" # error: wrong-type
  reason     = "x"
}

removal "ids" {
  datasource = "a"
  segment_ids = [
    "a_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_v1",
    "a_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_v1_1",
    "a_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_v1_01", # error: duplicate-item
    "b_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_v1",    # error: bad-segment-id
    "a_2024-05-06_2024-05-07_v1",                                # error: bad-segment-id
    "a_2024-05-07T00:00:00.000Z_2024-05-06T00:00:00.000Z_v1",    # error: bad-segment-id
    "a_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z",       # error: bad-segment-id
    "a",                                                         # error: bad-segment-id
  ]
  reason = "x"
}

removal "ids_inside" {
  datasource = "a"
  interval   = "2024-05-06/2024-05-08"
  segment_ids = [
    "a_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_v1",
    "a_2024-05-07T00:00:00.000Z_2024-05-08T00:00:00.000Z_v1",
    "a_2024-05-06T00:00:00.000Z_2024-05-08T00:00:00.001Z_v1", # error: segment-outside-interval
    "a_2024-05-05T23:59:59.999Z_2024-05-07T00:00:00.000Z_v1", # error: segment-outside-interval
    "a_2024-05-08T00:00:00.000Z_2024-05-09T00:00:00.000Z_v1", # error: segment-outside-interval
  ]
  reason = "x"
}

removal "ids_of_a_function" {
  datasource  = "a"
  segment_ids = concat(["a_x"], ["b_x"]) # error: bad-segment-id, bad-segment-id
  reason      = "x"
}
