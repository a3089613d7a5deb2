data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  name      = module.source.name
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  account   = data.aws_caller_identity.current.account_id

  regions = tolist(coalescelist(var.codecommit.regions, [local.region]))
}

module "source" {
  source = "../source"

  name        = var.name
  source_name = "codecommit"
  prefix      = var.codecommit.prefix
  # There is no secret: CodeCommit is reached by the functions' own roles, or by those that they assume.
  environment = { HOLDFAST_SETTINGS = jsonencode(local.settings) }
  policies    = local.policies
  tagged      = var.codecommit.project != null
  run         = var.codecommit

  vault         = var.vault
  notifications = var.notifications
  artifacts     = var.artifacts
  platform      = var.platform
}
