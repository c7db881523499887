cluster "prod" {
  coordinator = "https://router.example:8888"
}

datasource "payments" {
  retention {
    keep           = "forever"
    replicants     = { _default_tier = 1 }
    drop_intervals = ["2026-10-06/2026-10-08"] # two days of a load test
  }
  kill {
    expired_after = "P7D"
  }
}
