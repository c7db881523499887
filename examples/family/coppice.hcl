# One block for a family of datasources, one policy that its members share, and a number that each environment may set:
# --var keep_days=60, a line in a file that --var-file names, or COPPICE_VAR_keep_days in the environment.
variable "keep_days" {
  type        = number
  default     = 45
  description = "how long pages stay loaded"
  validation {
    condition     = var.keep_days >= 30
    error_message = "Pages stay for thirty days at least."
  }
}

locals {
  keep  = "P${var.keep_days}D"
  tiers = { for tier in ["_default_tier"] : tier => 1 }
}

cluster "try" {
  sandbox {
    directory = "sandbox"
    seed      = "quickstart"
  }
}

policy "pages" {
  retention {
    keep       = local.keep # the cluster has P60D today
    replicants = local.tiers
  }
  kill {
    superseded_after = "P1D"
    expired_after    = "P30D"
  }
}

datasource "wiki*" {
  policy = "pages"
  except = ["wiki_tmp_*"]
}

datasource "wiki_archive" { # a block of its own beats the family, as a whole
  retention {
    keep = "forever"
  }
}
