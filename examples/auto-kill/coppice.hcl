cluster "prod" {
  coordinator = "https://router.example:8888"
}

guard {
  max_kill_segments = 40 # of one run and datasource, until the backlog is gone and the numbers are trusted
}

datasource "logs" {
  kill {
    superseded_after = "P1D"
    expired_after    = "P90D"
  }
}
