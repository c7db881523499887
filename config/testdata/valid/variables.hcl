# Names are settled before anything is read that uses them, in whatever order they are written.
datasource "raw" {
  retention {
    keep       = local.keep
    replicants = merge(local.replicants, { hot = 2 })
  }
  kill {
    superseded_after = var.grace
    expired_after    = var.never
  }
}

locals {
  keep = "P${local.days * 2}D"
  days = var.weeks * 7
}

locals {
  replicants = { for tier in var.tiers : tier => 1 }
}

cluster "prod" {
  coordinator = "https://${var.host}:8888"
  auth {
    username = "coppice"
    password = var.password
  }
}

variable "weeks" {
  type    = number
  default = "2"
  validation {
    condition     = var.weeks > 0 && var.weeks < var.most
    error_message = "weeks is not between 1 and ${var.most}."
  }
}

variable "most" {
  default = 100
}

variable "tiers" {
  type    = list(string)
  default = ["_default_tier", "cold"]
}

variable "grace" {
  default = "P1D"
}

variable "never" {
  type    = string
  default = null
}

variable "host" {
  type        = string
  default     = "router.example"
  description = "of the Router"
}

variable "password" {
  sensitive = true
  default   = "hunter2-hunter2"
}
