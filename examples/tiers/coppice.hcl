cluster "prod" {
  coordinator = "https://router.example:8888"
}

datasource "events" {
  retention {
    keep       = "P1Y"
    replicants = {} # a year in deep storage alone, still answered by queries that can wait
    stage {
      newest     = "P7D" # a week on fast disks, twice
      replicants = { hot = 2 }
    }
    stage {
      newest     = "P30D" # a month on ordinary ones
      replicants = { _default_tier = 1 }
    }
    stage {
      newest     = "P90D" # three months on large slow ones
      replicants = { cold = 1 }
    }
  }
}
