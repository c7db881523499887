datasource "wikipedia" {
  kill {
    old_than     = "P120D"
    expiredAfter = 30
    task {
      max_segments = "1000"
      context      = { priority = 75 }
    }
  }
  retention {
    keep       = 30
    replicants = { _default_tier = 2, hot = -1 }
    stage {
      newest     = "2 weeks"
      replicants = { hot = 1, hot = 2 }
    }
  }
  guard {
    max_kill_bytes   = "10tib"
    max_unused_bytes = "10TX"
    budget {
      max_segment = 5
    }
  }
}

datasource "wikipedia" {
  restor = true
}

datasource "events" {
  except = ["events_tmp_*"]
}

hold "litigation-17" {
}

removal "bad-ingest" {
  datasource  = "clicks_*"
  segment_ids = ["clicks_2024-05-06_2024-05-07_v1"]
  tombstones  = true
}

policies "web" {
}
