data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  name      = module.source.name
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  account   = data.aws_caller_identity.current.account_id

  regions = tolist(coalescelist(var.codeartifact.regions, [local.region]))
}

module "source" {
  source = "../source"

  name        = var.name
  source_name = "codeartifact"
  prefix      = var.codeartifact.prefix
  # There is no secret: CodeArtifact is reached by the functions' own roles.
  environment = { HOLDFAST_SETTINGS = jsonencode(local.settings) }
  policies = {
    list = { packages = data.aws_iam_policy_document.list.json }
    read = { repositories = data.aws_iam_policy_document.repositories.json, versions = data.aws_iam_policy_document.versions.json }
  }
  tagged = var.codeartifact.project != null
  run    = var.codeartifact

  vault         = var.vault
  notifications = var.notifications
  artifacts     = var.artifacts
  platform      = var.platform
}
