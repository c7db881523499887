policy "keep-p30d-2" {
  retention {
    keep       = "P30D"
    replicants = { _default_tier = 1 }
  }
}

default_rules {
  load {
    forever = true
  }
}

datasource "billing" {
  rules {
    rule {
      json = "{\"type\":\"loadPartialByPeriod\",\"period\":\"P1D\",\"note\":\"$${x} %%{y} \\\"z\\\"\"}"
    }
    drop {
      period         = "P1M"
      include_future = false
    }
    broadcast {
      interval = "2030-01-01/2031-01-01"
    }
    drop {
      before_period = "P2Y"
    }
    load {
      forever = true
    }
  }
}

datasource "clicks" {
  policy = "keep-p30d-2"
}

datasource "empty" {
  # no rules of its own: the default rules apply
}

datasource "events $${prod}" {
  retention {
    keep           = "P1Y"
    keep_intervals = ["2012-01-01/2013-01-01"]
    drop_intervals = ["2014-01-01T06:00:00.000Z/2015-01-01"]
    stage {
      newest     = "P7D"
      replicants = { "hot tier" = 2, _default_tier = 1 }
    }
    stage {
      newest     = "P1M"
      replicants = { _default_tier = 2 }
    }
  }
}

datasource "narrow last" {
  rules {
    load {
      period = "P30D"
    }
    load {
      period = "P7D"
    }
    load {
      forever           = true
      tiered_replicants = {}
    }
  }
}

datasource "views" {
  policy = "keep-p30d-2"
}
