cluster "prod" {
  coordinator = "https://router.example:8888/"
  overlord    = env("URL")
  metadata {
    dsn = env("DSN")
  }
  kill_tasks {
    max_slots_percent = 25
  }
  auth {
    username = "coppice"
    password = env("SECRET")
  }
  tls {
    ca_file     = "ca.pem"
    server_name = "druid.example"
  }
}

cluster "try" {
  sandbox {
    directory = "sandbox"
    seed      = "story"
  }
}

cluster "store" {
  metadata {
    dsn               = "host=db user=druid"
    tables            = lower("DRUID_STAGING")
    statement_timeout = "PT1H"
  }
  auth {
    token = env("NOT_SET", "x")
  }
}

default_rules {
  load {
    forever = true
  }
}

guard {
  max_kill_segments = 500
  max_kill_bytes    = "1.5KiB"
}

policy "web" {
  retention {
    keep       = "P1Y"
    replicants = { _default_tier = 1 }
    stage {
      newest     = "P30D"
      replicants = { hot = 1, _default_tier = 1 }
    }
    stage {
      newest     = "P7D"
      replicants = { hot = 2, _default_tier = 1 }
    }
  }
  kill {
    superseded_after = "P1D"
    expired_after    = "P30D"
    task {
      max_segments = 50
    }
  }
  guard {
    newest_victim_age = "none"
  }
  restore = false
}

datasource "wikipedia" {
  policy = "web"
}

datasource "overrides" {
  policy = "web"
  retention {
    keep           = "forever"
    include_future = false
    keep_intervals = ["2012-01-01/2013-01-01", "2015-01-01/P1M"]
    drop_intervals = ["2014-01-01/2015-01-01"]
    replicants     = {}
    stage {
      newest     = "P1M"
      replicants = { hot = 2 }
    }
  }
  kill {
    expired_after = "never"
    older_than    = "P120D"
    task {
      concurrency = 2
      context     = { tags = { team = "web" }, useLineageBasedSegmentAllocation = true, n = 1.5 }
    }
  }
  guard {
    max_unused_percent = 12.5
    newest_victim_age  = "P2D"
    max_unused_bytes   = "10TiB"
  }
  restore = null
}

datasource "billing" {
  rules {
    load {
      interval = "2012-01-01/2013-01-01"
    }
    load {
      period            = "P30D"
      include_future    = true
      tiered_replicants = { hot = 2, _default_tier = 1 }
    }
    load {
      period                    = "P1Y"
      tiered_replicants         = {}
      use_default_tier_for_null = false
    }
    load {
      period                    = "P13M"
      use_default_tier_for_null = false
    }
    drop {
      before_period = "P2Y"
    }
    drop {
      period         = "PT1H"
      include_future = false
    }
    drop {
      interval = "2030-01-01/2031-01-01"
    }
    broadcast {
      interval = "2030-01-01/2031-01-01"
    }
    broadcast {
      period = "P1D"
    }
    rule {
      json = jsonencode({ type = "loadPartialByPeriod", period = "P1D" })
    }
    rule {
      json = jsonencode({ type = "loadByPeriod", period = "P1D" })
    }
    broadcast {
      forever = true
    }
    drop {
      forever = true
    }
  }
}

datasource "left alone" {
}

allow "resurfacing" {
  datasources  = concat(["clicks"], ["events_*"])
  interval     = "2026-01-01/2026-02-01"
  max_segments = 10
  until        = "2026-12-31"
  reason       = "old rows are equal"
}

allow "guard-max-kill-segments" {
  datasources = toset(["b", "a"])
  until       = "2026-12-31T12:00:00+02:00"
  reason      = "one clean-up"
}
