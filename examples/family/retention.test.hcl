# Reviewers read what the policy does; `coppice test` holds it against the clock.
test "pages stay for their days" {
  now = "2026-11-20T09:00:00Z"
  segment {
    datasource = "wikipedia"
    interval   = "2026-10-06/2026-10-07"
    expect     = "keep"
    rule       = 1
  }
  segment {
    datasource = "wikipedia"
    interval   = "2026-10-05/2026-10-06"
    expect     = "drop"
    rule       = 2
  }
}

test "the archive is no member" {
  now = "2026-11-20T09:00:00Z"
  segment {
    datasource = "wiki_archive"
    interval   = "2001-01-15/2001-01-16"
    expect     = "keep"
  }
}

test "only what is newer makes old copies garbage" {
  now = "2026-11-20T09:00:00Z"
  segment {
    datasource = "wikipedia"
    interval   = "2026-11-01/2026-11-02"
    version    = "2026-11-02T01:00:00.000Z"
    expect     = "keep"
  }
  segment {
    datasource = "wikipedia"
    interval   = "2026-11-01/2026-11-02"
    version    = "2026-11-02T00:30:00.000Z"
    used       = false
    marked_at  = "2026-11-02T01:05:00Z"
    expect     = "kill"
  }
  segment {
    datasource = "wikipedia"
    interval   = "2026-11-03/2026-11-04"
    used       = false
    marked_at  = "2026-11-05T10:00:00Z"
    expect     = "hold" # somebody marked it: nobody can explain it
  }
}
