# What every source has, whatever it backs up: the module of the source says how it is reached and configured.
locals {
  name = "${var.name}-${var.source_name}"

  interval_hours = try(coalesce(var.run.interval_hours, module.pipeline.schedule.interval_hours), null)
}

module "access" {
  source      = "../vault-access"
  vault       = var.vault
  source_name = var.source_name
  prefix      = var.prefix
  tagged      = var.tagged
}

module "pipeline" {
  source = "../pipeline"

  pipeline = {
    name          = local.name
    source        = var.source_name
    concurrency   = var.run.concurrency
    timeout_hours = var.run.timeout_hours
  }
  schedule = var.run.schedule

  functions = {
    inventory = module.inventory.function
    backup    = module.backup.function
    report    = module.report.function
    retention = one(module.retention[*].function)
  }
  build        = module.codebuild.build
  files_policy = data.aws_iam_policy_document.map_items.json

  log = {
    retention_days       = var.platform.log_retention_days
    key_arn              = var.platform.log_key_arn
    permissions_boundary = var.platform.permissions_boundary
  }
}

module "codebuild" {
  source = "../codebuild"

  name  = local.name
  build = var.run.codebuild
  program = {
    package = "${var.artifacts}/command-line.zip"
    file    = "${var.artifacts}/holdfast.mjs"
  }
  environment = local.build_environment
  policies    = local.policies.backup
  platform    = var.platform
}
