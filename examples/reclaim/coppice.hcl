cluster "prod" {
  coordinator = "https://router.example:8888"
}

datasource "metrics" {
  kill {
    superseded_after = "P1D" # versions under a newer, complete one: queries have not seen them since
  }
}
