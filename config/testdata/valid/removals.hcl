guard {
  max_future = "P2D"
  budget {
    window       = "P7D"
    max_segments = 1000
  }
}

policy "web" {
  guard {
    budget {
      max_bytes = "10TiB"
    }
  }
}

datasource "inherits" {
}

datasource "budget_in_pieces" {
  policy = "web"
  guard {
    max_future = "P0D"
    budget {
      window = "P1M"
    }
  }
}

datasource "events_*" {
  policy  = "web"
  except  = ["events_tmp_*", "events_b"]
  restore = false
  retention {
    keep = "P30D"
  }
}

datasource "events_a" {
}

datasource "*_daily" {
  kill {
    expired_after = "P1D"
  }
}

hold "litigation-17" {
  datasources = ["payments", "events_*"]
  interval    = "2025-01-01/2025-07-01"
  until       = "2027-01-01"
  reason      = "discovery order"
}

hold "for ever" {
  datasources = ["*"]
  interval    = null
  until       = null
  reason      = "archive"
}

removal "versions" {
  datasource = "clicks"
  interval   = "2024-05-06/P1D"
  versions   = ["2024-05-06T10:00:00.000Z", "a version"]
  kill_after = "never"
  reason     = "double ingestion"
}

removal "bad-ingest" {
  datasource = "clicks"
  interval   = "2024-05-06/2024-05-07"
  before     = "2024-05-08T02:00:00+02:00"
  kill_after = "P7D"
  reason     = "double ingestion"
}

removal "ids" {
  datasource = "click_s"
  interval   = "2024-05-06/2024-05-07"
  segment_ids = [
    "click_s_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_a_version_3",
    "click_s_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_a_version",
  ]
  reason = "double ingestion"
}

removal "id" {
  datasource  = "clicks"
  segment_ids = toset(["clicks_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_v1"])
  kill_after  = "P0D"
  reason      = "double ingestion"
}

removal "tombstones" {
  datasource = "clicks"
  interval   = "2024/2025"
  tombstones = true
  reason     = "nothing is under them"
}
