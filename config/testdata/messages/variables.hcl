variable "days" {
  description = "how long raw events stay"
}

variable "tiers" {
  type    = map(numbr)
  default = {}
}

variable "wrong" {
  type    = list(number)
  default = ["a", "b"]
}

variable "wrong_secret" {
  type      = number
  default   = "hunter2-hunter2"
  sensitive = true
}

variable "looks_at_others" {
  default   = var.days
  sensitive = local.a
}

variable "checked" {
  default = "30"
  validation {
    condition     = can(regex("^P", var.checked))
    error_message = "checked is a period such as P30D, and not ${var.checked}."
  }
  validation {
    condition     = true
    error_message = "never"
  }
  validation {
    condition     = var.checked
    error_message = "never"
  }
  validation {
    condition = var.checked != ""
  }
}

variable "checked_secret" {
  default   = "hunter2-hunter2"
  sensitive = true
  validation {
    condition     = length(split("", var.checked_secret)) > 100
    error_message = "It is ${var.checked_secret}."
  }
}

variable "not a name" {
}

variable "checked" {
}

variable "nullable" {
  nullable = false
  default  = null
}

locals {
  a = local.b
  b = local.c
  c = "${local.a}D"
  itself = [local.itself]
  typo   = local.alfa
  wrong  = var.dayz
  bad    = "x" + 1
  fine   = "P30D"
}

locals {
  fine = "P60D"
  block {
  }
}

datasource "d" {
  retention {
    keep = local.bad
    stage {
      newest     = var.nothing
      replicants = var
    }
  }
  kill {
    superseded_after = local.fines
    expired_after    = var.checked_secret
    older_than       = each.value
  }
}

datasource "elsewhere" {
  policy = policy.web
}
