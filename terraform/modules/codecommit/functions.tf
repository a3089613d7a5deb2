locals {
  # What every function of the source is told. There is no secret: CodeCommit is reached by the functions' own roles.
  environment = {
    HOLDFAST_SOURCE              = local.source
    HOLDFAST_BUCKET              = var.vault.bucket
    HOLDFAST_SETTINGS            = jsonencode(local.settings)
    POWERTOOLS_SERVICE_NAME      = local.name
    POWERTOOLS_METRICS_NAMESPACE = "Holdfast"
  }

  # A setting that is not set is left out.
  settings = {
    for key, value in {
      prefix        = var.codecommit.prefix
      regions       = local.regions
      include       = var.codecommit.include
      exclude       = var.codecommit.exclude
      tags          = var.codecommit.tags
      fips          = var.codecommit.fips
      gitEndpoint   = var.codecommit.git_endpoint
      format        = var.codecommit.format
      notifySuccess = var.notifications.success
    } : key => value if value != null
  }
}

module "inventory" {
  source   = "../function"
  platform = var.platform

  function = {
    name        = "${local.name}-inventory"
    description = "Lists what the source codecommit holds now"
    package     = "${var.artifacts}/functions/inventory.zip"
    memory_mb   = var.codecommit.memory_mb
    environment = merge(local.environment, { HOLDFAST_CONCURRENCY = tostring(var.codecommit.concurrency) })
    policies = {
      repositories = data.aws_iam_policy_document.inventory.json
      vault        = module.access.policies.inventory
    }
  }
}

module "backup" {
  source   = "../function"
  platform = var.platform

  function = {
    name                 = "${local.name}-backup"
    description          = "Backs up one item of the source codecommit"
    package              = "${var.artifacts}/functions/backup.zip"
    memory_mb            = var.codecommit.backup.memory_mb
    ephemeral_mb         = var.codecommit.backup.ephemeral_mb
    reserved_concurrency = var.codecommit.backup.reserved_concurrency
    environment          = local.environment
    policies = {
      repositories = data.aws_iam_policy_document.backup.json
      vault        = module.access.policies.backup
    }
  }
}

module "report" {
  source   = "../function"
  platform = var.platform

  function = {
    name        = "${local.name}-report"
    description = "Closes a run over the source codecommit: coverage, totals, notification"
    package     = "${var.artifacts}/functions/report.zip"
    memory_mb   = var.codecommit.memory_mb
    environment = merge(local.environment, {
      HOLDFAST_TOPIC          = var.notifications.topic_arn
      HOLDFAST_NOTIFY_SUCCESS = tostring(var.notifications.success)
    })
    policies = {
      notify = data.aws_iam_policy_document.notify.json
      vault  = module.access.policies.report
    }
  }
}

module "retention" {
  source   = "../function"
  platform = var.platform

  function = {
    name        = "${local.name}-retention"
    description = "Removes the snapshots of the source codecommit that the policy no longer keeps"
    package     = "${var.artifacts}/functions/retention.zip"
    environment = merge(local.environment, {
      HOLDFAST_RETENTION = jsonencode({
        keepLast     = var.codecommit.retention.keep_last
        days         = var.codecommit.retention.days
        daily        = var.codecommit.retention.daily
        weekly       = var.codecommit.retention.weekly
        monthly      = var.codecommit.retention.monthly
        yearly       = var.codecommit.retention.yearly
        keepVerified = var.codecommit.retention.keep_verified
        dryRun       = var.codecommit.retention.dry_run
      })
    })
    policies = {
      vault = module.access.policies.retention
    }
  }
}
