data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  source = "github"
  name   = "${var.name}-${local.source}"

  interval_hours = try(coalesce(var.github.interval_hours, module.pipeline.schedule.interval_hours), null)
}

module "access" {
  source      = "../vault-access"
  vault       = var.vault
  source_name = local.source
}

module "pipeline" {
  source = "../pipeline"

  pipeline = {
    name          = local.name
    source        = local.source
    concurrency   = var.github.concurrency
    timeout_hours = var.github.timeout_hours
  }
  schedule = var.github.schedule

  functions = {
    inventory = module.inventory.function
    backup    = module.backup.function
    report    = module.report.function
    retention = module.retention.function
  }
  build        = module.codebuild.build
  vault_policy = module.access.policies.state_machine

  log = {
    retention_days       = var.platform.log_retention_days
    key_arn              = var.platform.log_key_arn
    permissions_boundary = var.platform.permissions_boundary
  }
}

module "codebuild" {
  source = "../codebuild"

  name  = local.name
  build = var.github.codebuild
  program = {
    package = "${var.artifacts}/command-line.zip"
    file    = "${var.artifacts}/holdfast.mjs"
  }
  environment = merge(local.environment, { LOG_LEVEL = coalesce(var.platform.log_level, "INFO") })
  policies = {
    secret = data.aws_iam_policy_document.secret.json
    vault  = module.access.policies.backup
  }
  platform = var.platform
}
