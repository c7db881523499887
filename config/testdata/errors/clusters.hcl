cluster "nothing" { # error: cluster-empty
}

cluster "twice" {
  coordinator = "http://a:8081"
}

cluster "twice" { # error: duplicate-cluster
  coordinator = "http://b:8081"
}

cluster "no scheme" { # error: bad-name
  coordinator = "router:8888" # error: bad-url
}

cluster "urls" {
  coordinator = "http://"               # error: bad-url
  overlord    = "ftp://overlord:21"     # error: bad-url
}

cluster "more_urls" {
  coordinator = "http://a:8081/?x=1" # error: bad-url
  overlord    = 8090                 # error: wrong-type
}

cluster "userinfo" {
  coordinator = "http://anna:secret@router:8888" # error: credentials-in-url
}

cluster "both_auth" {
  coordinator = "http://a:8081"
  auth { # error: auth-both
    username = "u"
    password = "p"
    token    = "t"
  }
}

cluster "half_auth" {
  coordinator = "http://a:8081"
  auth { # error: missing-attribute
    username = "u"
  }
}

cluster "no_auth" {
  coordinator = "http://a:8081"
  auth { # error: missing-attribute
  }
}

cluster "half_tls" {
  coordinator = "https://a:8281"
  tls { # error: missing-attribute
    cert_file = "c.pem"
  }
}

cluster "sandbox_and_more" {
  coordinator = "http://a:8081" # error: sandbox-conflict
  sandbox {
    directory = "sandbox"
  }
  metadata { # error: sandbox-conflict
    dsn = "postgres://db/druid"
  }
}

cluster "sandbox_without_directory" {
  sandbox { # error: missing-attribute
    directory = null
  }
}

cluster "store" {
  metadata {
    dsn               = env("NOT_SET")  # error: env-unset
    tables            = "druid; drop"   # error: bad-table-name
    statement_timeout = "P1M"           # error: bad-period
  }
}

cluster "no_dsn" {
  metadata { # error: missing-attribute
  }
}

cluster "empty_dsn" {
  metadata {
    dsn = env("EMPTY") # error: empty-value
  }
  metadata { # error: duplicate-block
    dsn = "x"
  }
}

cluster "slots" {
  coordinator = "http://a:8081"
  kill_tasks {
    max_slots_percent = 0 # error: bad-number
  }
}

cluster { # error: missing-label
  coordinator = "http://a:8081"
}

cluster "a" "b" { # error: extra-label
  coordinator = "http://a:8081"
}
