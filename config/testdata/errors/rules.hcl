datasource "a" {
  rules {
    load { # error: rule-condition-missing
    }
    load { # error: rule-conditions-conflict
      period   = "P1D"
      interval = "2020/2021"
    }
    drop { # error: rule-conditions-conflict
      period        = "P1D"
      before_period = "P2D"
    }
    load {
      forever        = true
      include_future = true # error: include-future-without-period
    }
    drop {
      before_period  = "P1Y"
      include_future = false # error: include-future-without-period
    }
    drop {
      period            = "P1D"
      tiered_replicants = { hot = 1 } # error: unknown-attribute
    }
    broadcast {
      forever                   = true
      use_default_tier_for_null = true # error: unknown-attribute
    }
    load {
      before_period = "P1D" # error: unknown-attribute
      period        = "P1D"
    }
    load {
      forever = false # error: forever-false
    }
    load {
      forever           = true
      tiered_replicants = { hot = -1 } # error: negative-replicas
    }
    load {
      forever           = true
      tiered_replicants = { hot = 1.5 } # error: bad-number
    }
    load {
      forever           = true
      tiered_replicants = { hot = "2" } # error: wrong-type
    }
    load {
      forever           = true
      tiered_replicants = { hot = null } # error: wrong-type
    }
    load {
      forever           = true
      tiered_replicants = { hot = 2147483648 } # error: bad-number
    }
    load {
      forever           = true
      tiered_replicants = [2] # error: wrong-type
    }
    load {
      forever = true
      tiered_replicants = {
        hot  = 1
        cold = 1
        hot  = 2 # error: duplicate-key
      }
    }
    load {
      period = "P-1D" # error: rule-stops-coordinator
    }
    drop {
      period = "P-1D" # error: rule-stops-coordinator
    }
    drop {
      before_period = "P-1D" # error: bad-period
    }
    load {
      period = "P2000000000Y" # error: rule-stops-coordinator
    }
    rule {
      json = jsonencode({ type = "loadByPeriod", period = "P-1D" }) # error: rule-stops-coordinator
    }
    rule {
      json = jsonencode({ type = "dropByInterval" }) # error: rule-stops-coordinator
    }
    rule {
      json = "null" # error: rule-stops-coordinator
    }
    rule {
      json = "[{\"type\":\"loadForever\"}]" # error: bad-rule-json
    }
    rule {
      json = "{" # error: bad-rule-json
    }
    rule {
      json = "{}" # error: bad-rule-json
    }
    rule {
      json = { type = "loadForever" } # error: wrong-type
    }
    rule {
      json = jsonencode({ type = "loadByPeriod", period = "P1D", includeFutur = false }) # error: unknown-rule-field
    }
    rule {
      json = jsonencode({ type = "dropForever", tieredReplicants = { hot = 1 } }) # error: unknown-rule-field
    }
    rule { # error: missing-attribute
    }
    lode { # error: unknown-block
    }
    load "x" { # error: extra-label
    }
  }
}

default_rules { # error: empty-default-rules
}

default_rules { # error: duplicate-block
  load {
    forever = true
  }
}
