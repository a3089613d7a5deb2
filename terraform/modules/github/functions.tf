locals {
  # What every function of the source is told. No secrets: the secret is named here and read at the start of each run.
  environment = {
    HOLDFAST_SOURCE              = local.source
    HOLDFAST_SECRET              = data.aws_secretsmanager_secret.github.name
    HOLDFAST_BUCKET              = var.vault.bucket
    POWERTOOLS_SERVICE_NAME      = local.name
    POWERTOOLS_METRICS_NAMESPACE = "Holdfast"
  }
}

module "inventory" {
  source   = "../function"
  platform = var.platform

  function = {
    name        = "${local.name}-inventory"
    description = "Lists what the source github holds now"
    package     = "${var.artifacts}/functions/inventory.zip"
    memory_mb   = var.github.memory_mb
    environment = merge(local.environment, { HOLDFAST_CONCURRENCY = tostring(var.github.concurrency) })
    policies = {
      secret = data.aws_iam_policy_document.secret.json
      vault  = module.access.policies.inventory
    }
  }
}

module "backup" {
  source   = "../function"
  platform = var.platform

  function = {
    name                 = "${local.name}-backup"
    description          = "Backs up one item of the source github"
    package              = "${var.artifacts}/functions/backup.zip"
    memory_mb            = var.github.backup.memory_mb
    ephemeral_mb         = var.github.backup.ephemeral_mb
    reserved_concurrency = var.github.backup.reserved_concurrency
    environment          = local.environment
    policies = {
      secret = data.aws_iam_policy_document.secret.json
      vault  = module.access.policies.backup
    }
  }
}

module "report" {
  source   = "../function"
  platform = var.platform

  function = {
    name        = "${local.name}-report"
    description = "Closes a run over the source github: coverage, totals, notification"
    package     = "${var.artifacts}/functions/report.zip"
    memory_mb   = var.github.memory_mb
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
    description = "Removes the snapshots of the source github that the policy no longer keeps"
    package     = "${var.artifacts}/functions/retention.zip"
    environment = merge(local.environment, {
      HOLDFAST_RETENTION = jsonencode({
        keepLast     = var.github.retention.keep_last
        days         = var.github.retention.days
        daily        = var.github.retention.daily
        weekly       = var.github.retention.weekly
        monthly      = var.github.retention.monthly
        yearly       = var.github.retention.yearly
        keepVerified = var.github.retention.keep_verified
        dryRun       = var.github.retention.dry_run
      })
    })
    policies = {
      vault = module.access.policies.retention
    }
  }
}
