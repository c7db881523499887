hold "" {
  datasources = ["_default"]
  until       = "next year"
}

removal "bad-ingest" {
  datasource = "clicks"
  before     = "2024-05-08"
  reason     = "double ingestion"
}

removal "versions" {
  datasource = "clicks"
  interval   = 2024
  versions   = ["v1", "v2", "v1"]
  reason     = "double ingestion"
}

removal "nothing" {
  datasource = "clicks"
  interval   = "2024-05-06/2024-05-07"
  reason     = "double ingestion"
}

removal "bad-ingest" {
  datasource = "clicks"
  interval   = "2024-05-06/2024-05-07"
  tombstones = false
  reason     = "double ingestion"
}

removal "ids" {
  datasource = "clicks"
  interval   = "2024-05-06/2024-05-07"
  segment_ids = [
    "clicks_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_v1_1",
    "clicks_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_v1_01",
    "clicks_2024-05-06T00:00:00Z_2024-05-07T00:00:00.000Z_v1",
    "click_2024-05-06T00:00:00.000Z_2024-05-07T00:00:00.000Z_v1",
    "clicks_2024-05-06T00:00:00.000Z_2024-05-08T00:00:00.000Z_v1",
    "clicks_2024-05-06T00:00:00.000Z",
  ]
  reason = "double ingestion"
}

guard {
  budget {
    max_segments = 5
  }
}

policy "web" {
  guard {
    budget {
      window = "P30D"
    }
  }
}

datasource "left" {
  guard {
    budget {
    }
  }
}
