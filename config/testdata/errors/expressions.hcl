datasource "a" {
  retention {
    keep = P30D # error: unknown-variable
    stage {
      newest     = var.newest # error: unknown-variable
      replicants = { hot = 1 }
    }
  }
  kill {
    superseded_after = lowr("P1D")     # error: unknown-function
    expired_after    = env("SECRET")   # error: sensitive-value
    older_than       = "P${env("N")}D" # error: sensitive-value
    task {
      max_segments = "x" + 1 # error: bad-expression
      concurrency  = 1 / 0   # error: bad-number
      context = { # error: sensitive-value
        note = env("SECRET", "x")
      }
    }
  }
}

datasource "b" {
  restore = env("NOT_SET") == "x" # error: env-unset
  rules {
    rule {
      json = jsonencode({ type = env("SECRET") }) # error: sensitive-value
    }
    load {
      interval          = env(env("SECRET"))       # error: bad-expression
      tiered_replicants = { (env("SECRET")) = 1 }  # error: sensitive-value
    }
    load {
      interval = format("%d", env("SECRET")) # error: bad-expression
    }
  }
}

cluster "c" {
  coordinator = env("URL")
  overlord    = env("URL_WITH_USER") # error: credentials-in-url
}

cluster "d" {
  sandbox {
    directory = env("SECRET") # error: sensitive-value
  }
}

allow "drops-everything" {
  datasources = ["a"]
  until       = "2026-12-31"
  reason      = env("NOT_SET", "a default") # error: sensitive-value
}

allow "resurfacing" {
  datasources = [env("SECRET")] # error: sensitive-value
  until       = env("SECRET")   # error: sensitive-value
  reason      = env("A", "B", "C") # error: bad-expression
}
