datasource "clicks" {
  rules {
    load {
      period   = "P1D"
      interval = "2020-01-01/2021-01-01"
    }
    drop {
      tiered_replicants = {}
    }
    load {
      interval       = "2021-01-01/2020-01-01"
      include_future = true
    }
    load {
      period = "P-1D"
    }
    load {
      period = P30D
    }
    rule {
      json = jsonencode({ type = "loadByPeriod", period = "P1D", includeFutur = false })
    }
    rule {
      json = jsonencode([{ type = "loadForever" }])
    }
    load {
      forever = false
    }
  }
  retention {
    keep = "P1M"
    stage {
      newest     = "P30D"
      replicants = {}
    }
  }
}

default_rules {
}

allow "resurfacin" {
  datasources = ["clicks"]
  until       = "soon"
}

allow "timeline-clash" {
  datasources = ["clicks"]
  until       = "2026-12-31"
  reason      = "no"
}
