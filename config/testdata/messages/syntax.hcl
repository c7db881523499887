datasource "a" {
  retention {
    keep =
  }
  kill {
    superseded_after = 3
  }
}

datasource "b" {
  restore = true
  restore = false
}

datasource "c" {
  retention {
  }
}

datasource "d" {
  kill {
    expired_after = "P1D
    older_than    = 3
  }
}

datasource "e" {
  kill {
