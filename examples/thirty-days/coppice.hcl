cluster "prod" {
  coordinator = "https://router.example:8888"
}

datasource "clicks" {
  retention {
    keep       = "P30D" # the cluster keeps everything today
    replicants = { _default_tier = 2 }
  }
  kill {
    expired_after = "P14D" # then the last copy goes, two weeks after it was dropped
  }
}
