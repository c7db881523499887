datasource "no_keep" {
  retention { # error: missing-attribute
  }
}

datasource "both" {
  retention {
    keep = "P1Y"
  }
  rules { # error: rules-and-retention
    load {
      forever = true
    }
  }
}

datasource "unordered_stage_and_keep" {
  retention {
    keep = "P1M"
    stage {
      newest     = "P30D" # error: periods-without-order
      replicants = { hot = 1 }
    }
  }
}

datasource "unordered_stages" {
  retention {
    keep = "P1Y"
    stage {
      newest     = "P30D"
      replicants = { hot = 1 }
    }
    stage {
      newest     = "P1M" # error: periods-without-order
      replicants = { hot = 2 }
    }
  }
}

datasource "sometimes_equal" {
  retention {
    keep = "P31D"
    stage {
      newest     = "P1M" # error: periods-without-order
      replicants = { hot = 1 }
    }
  }
}

datasource "too_long" {
  retention {
    keep = "P30D"
    stage {
      newest     = "P31D" # error: stage-not-shorter
      replicants = { hot = 1 }
    }
    stage {
      newest     = "P30D" # error: stage-not-shorter
      replicants = { hot = 1 }
    }
  }
}

datasource "twice" {
  retention {
    keep = "P30D"
    stage {
      newest     = "P7D"
      replicants = { hot = 1 }
    }
    stage {
      newest     = "P1W" # error: stage-twice
      replicants = { hot = 2 }
    }
  }
}

datasource "incomplete_stage" {
  retention {
    keep = "P30D"
    stage { # error: missing-attribute, missing-attribute
    }
  }
}

datasource "values" {
  retention {
    keep           = "P0D"                                             # error: bad-period
    replicants     = { _default_tier = -2 }                            # error: negative-replicas
    keep_intervals = ["2012/2013", "2013/2012", 7]                     # error: bad-interval
    drop_intervals = "2012/2013"                                       # error: wrong-type
    include_future = "true"                                            # error: wrong-type
  }
}

datasource "words" {
  retention {
    keep = "for ever" # error: bad-period
  }
}

datasource "number" {
  retention {
    keep = 30 # error: wrong-type
  }
}

datasource "negative" {
  retention {
    keep = "P-1D" # error: bad-period
  }
}

datasource "mixed" {
  retention {
    keep = "P1M-29D" # error: bad-period
  }
}

datasource "absurd" {
  retention {
    keep = "P20000Y" # error: bad-period
  }
}
