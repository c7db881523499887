datasource "one" {
}

datasource "one" { # error: duplicate-datasource
}

datasource "except" {
  except = ["a"] # error: except-without-pattern
}

datasource "events_*" {
  except = ["events_tmp_*"]
}

datasource "events_*" { # error: duplicate-datasource
  except = [] # error: empty-value
}

datasource ".*" { # error: bad-name
}

datasource "a/*" { # error: bad-name
  except = ["a", "_default"] # error: bad-name
}

datasource "" { # error: bad-name
}

datasource "_default" { # error: bad-name
}

datasource ".hidden" { # error: bad-name
}

datasource "a/b" { # error: bad-name
}

datasource "kill" {
  restore = "yes" # error: wrong-type
  kill {
    superseded_after = "P1H"    # error: bad-period
    expired_after    = "nevr"   # error: bad-period
    older_than       = "never"  # error: bad-period
    task {
      max_segments = 0        # error: bad-number
      max_interval = "PT0S"   # error: bad-period
      concurrency  = 1.5      # error: bad-number
      context = {
        priority     = 75 # error: refused-context
      }
    }
  }
  kill { # error: duplicate-block
  }
}

datasource "lock" {
  kill {
    expired_after = "30d" # error: bad-period
    task {
      max_segments = "1000"                           # error: wrong-type
      context      = { taskLockType = "EXCLUSIVE" }   # error: refused-context
    }
  }
}

datasource "concurrent" {
  kill {
    expired_after = "P30D"
    task {
      context = { useConcurrentLocks = true } # error: refused-context
    }
  }
}

datasource "guards" {
  guard {
    max_unused_percent   = 101       # error: bad-number
    newest_victim_age    = "never"   # error: bad-period
    max_kill_segments    = -1        # error: bad-number
    max_restore_segments = 1e30      # error: bad-number
    max_unused_bytes     = "10tib"   # error: bad-size
    max_kill_bytes       = 10        # error: wrong-type
    max_restore_bytes    = "0.1KB"
    max_future           = "none"    # error: bad-period
  }
}

datasource "future" {
  guard {
    max_future = "P-1D" # error: bad-period
    budget {
      window       = "P0D" # error: bad-period
      max_segments = -1    # error: bad-number
      max_bytes    = 10    # error: wrong-type
    }
    budget { # error: duplicate-block
      window    = "P1D"
      max_bytes = "1KB"
    }
  }
}

datasource "budget_without_limit" {
  guard {
    budget { # error: missing-attribute
      window = "P7D"
    }
  }
}

datasource "budget_without_window" {
  guard {
    budget { # error: missing-attribute
      max_segments = 1
    }
  }
}

policy "empty_budget" {
  guard {
    budget { # error: missing-attribute, missing-attribute
      window = null
    }
  }
}

datasource "of_that_policy" {
  policy = "empty_budget"
}

datasource "mends_its_policy" {
  policy = "empty_budget"
  guard {
    budget {
      window    = "P7D"
      max_bytes = "1TiB"
    }
  }
}

datasource "sizes" {
  guard {
    max_unused_bytes  = "10"           # error: bad-size
    max_kill_bytes    = "0.0001KB"     # error: bad-size
    max_restore_bytes = "99999999TiB"  # error: bad-size
  }
}

datasource "policy" {
  policy = "wed" # error: unknown-policy
}

policy "web" {
  policy = "x" # error: unknown-attribute
  retention {
    keep = "P1" # error: bad-period
  }
}

policy "web" { # error: duplicate-policy
}

datasource "uses_broken_policy" {
  policy = "web"
}

guard {
  max_unused_percent = "30" # error: wrong-type
}

guard { # error: duplicate-block
}
