# For an account of which another one backs up the repositories: the role that the other account reads them by. Named
# there by codecommit.roles.
data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  regions   = coalescelist(var.regions, [data.aws_region.current.id])

  every_repository = [for region in local.regions : "arn:${local.partition}:codecommit:${region}:${local.account}:*"]
  repositories     = flatten([for region in local.regions : [for name in var.repositories : "arn:${local.partition}:codecommit:${region}:${local.account}:${name}"]])
}

resource "aws_iam_role" "reader" {
  name                 = var.name
  description          = "Lets other accounts back up the repositories of CodeCommit"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "repositories" {
  name   = "repositories"
  role   = aws_iam_role.reader.id
  policy = data.aws_iam_policy_document.repositories.json
}

# In other regions than this one, the same module for each.
module "events" {
  source = "../codecommit-events"
  count  = var.events == null ? 0 : 1

  name                 = "${var.name}-events"
  bus_arn              = var.events.bus_arn
  permissions_boundary = var.permissions_boundary
}
