datasource "events_*" { # error: datasource-pattern
  except = ["events_tmp_*"] # error: unknown-attribute
}

datasource "wikipedia" {
  except = ["a"] # error: unknown-attribute
  guard {
    max_future = "P2D" # error: unknown-attribute
    budget {           # error: unknown-block
      window = "P7D"
    }
  }
}

policy "web" {
  except = ["a"] # error: unknown-attribute
}

guard {
  max_future = "P2D" # error: unknown-attribute
  budget { # error: unknown-block
  }
}

hold "litigation-17" { # error: unknown-block
  datasources = ["a"]
}

removal "bad" { # error: unknown-block
}

hodl "x" { # error: unknown-block
}
