datasource "wikipedia" {
  kil { # error: unknown-block
  }
  polcy = "web" # error: unknown-attribute
  kill {
    old_than     = "P120D" # error: unknown-attribute
    expiredAfter = "P30D"  # error: unknown-attribute
    task = {               # error: unknown-attribute
      max_segments = 1
    }
  }
  retention {
    keep              = "P30D"
    tiered_replicants = { hot = 1 } # error: unknown-attribute
    replicants {                    # error: unknown-block
    }
  }
  older_than = "P1D"    # error: unknown-attribute
  guard {
    max_futur = "P2D" # error: unknown-attribute
    budgets { # error: unknown-block
    }
    budget {
      windows   = "P7D" # error: unknown-attribute
      window    = "P7D"
      max_bytes = "1TiB"
    }
    max_bytes = "1TiB" # error: unknown-attribute
  }
}

policy "web" {
  except = ["a"] # error: unknown-attribute
}

hodl "litigation" { # error: unknown-block
}

hold "litigation" {
  datasource  = ["a"] # error: unknown-attribute
  datasources = ["a"]
  reason      = "x"
}

removal "bad" {
  datasources = ["a"] # error: unknown-attribute
  datasource  = "a"
  interval    = "2024/2025"
  version     = ["x"] # error: unknown-attribute
  versions    = ["x"]
  reason      = "x"
}

variable "x" { # error: missing-variable
}

locals {
}

test "x" { # error: unknown-block
}

rules { # error: unknown-block
}

data_source "x" { # error: unknown-block
}

answer = 42 # error: unknown-attribute
