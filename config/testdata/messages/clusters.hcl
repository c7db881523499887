cluster "prod" {
  coordinator = "router:8888"
  metadata {
    dsn    = env("COPPICE_METADATA_DSN")
    tables = env("SECRET")
  }
  auth {
    username = "coppice"
    token    = env("SECRET")
  }
  sandbox {
    directory = "sandbox"
  }
}

cluster "prod" {
  overlord = env("URL_WITH_USER")
}

cluster "empty" {
}
