# Retention of a small cluster, on the embedded sandbox: a Druid-compatible Coordinator and Overlord inside coppice, with
# real files as deep storage. It is created and filled with a story when the folder is absent.
cluster "try" {
  sandbox {
    directory = "sandbox"
    seed      = "quickstart"
  }
}

datasource "wikipedia" {
  retention {
    keep       = "P45D" # the cluster has P60D today
    replicants = { _default_tier = 1 }
  }
  kill {
    superseded_after = "P1D"  # old versions under a newer one
    expired_after    = "P30D" # the last copy of what the rules dropped
  }
}
