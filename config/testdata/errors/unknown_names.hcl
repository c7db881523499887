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
  except     = ["a"]    # error: unknown-attribute
  guard {
    max_future = "P2D" # error: unknown-attribute
    budget {           # error: unknown-block
      window = "P7D"
    }
  }
}

hold "litigation" { # error: unknown-block
  datasources = ["a"]
}

removal "bad" { # error: unknown-block
}

variable "x" { # error: unknown-block
}

locals { # error: unknown-block
}

test "x" { # error: unknown-block
}

rules { # error: unknown-block
}

data_source "x" { # error: unknown-block
}

answer = 42 # error: unknown-attribute
