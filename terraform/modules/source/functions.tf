locals {
  # What every function of the source is configured with. Nothing secret.
  environment = merge(var.environment, var.prefix == "" ? {} : { HOLDFAST_PREFIX = var.prefix }, {
    HOLDFAST_SOURCE              = var.source_name
    HOLDFAST_BUCKET              = var.vault.bucket
    POWERTOOLS_SERVICE_NAME      = local.name
    POWERTOOLS_METRICS_NAMESPACE = "Holdfast"
  })

  # What the functions are configured with that send notifications. Of the addresses only where they are.
  telling = merge(
    { HOLDFAST_TOPIC = var.notifications.topic_arn },
    var.notifications.secret == null ? {} : { HOLDFAST_NOTIFY_SECRET = var.notifications.secret.name },
  )

  # Builds have git, by which they can restore what they have stored.
  build_environment = merge(
    local.environment,
    { LOG_LEVEL = coalesce(var.platform.log_level, "INFO") },
    var.run.codebuild.check_objects ? { HOLDFAST_CHECK_OBJECTS = "true" } : {},
  )

  # What each function may do: at the source, in the vault, with the working files of runs, and beside.
  policies = {
    inventory = merge(var.policies.list, { vault = module.access.policies.inventory, files = data.aws_iam_policy_document.list_items.json })
    backup    = merge(var.policies.read, { vault = module.access.policies.backup })
    report    = { notify = data.aws_iam_policy_document.tell.json, vault = module.access.policies.report, files = data.aws_iam_policy_document.read_results.json }
    retention = { vault = module.access.policies.retention }
    drill     = { notify = data.aws_iam_policy_document.tell.json, vault = module.access.policies.drill }
  }

  # A vault of another account is pruned by that account: who backs up into it may remove nothing there.
  removes = var.vault.account_id == null
  retention = {
    keepLast     = var.run.retention.keep_last
    days         = var.run.retention.days
    daily        = var.run.retention.daily
    weekly       = var.run.retention.weekly
    monthly      = var.run.retention.monthly
    yearly       = var.run.retention.yearly
    keepVerified = var.run.retention.keep_verified
    dryRun       = var.run.retention.dry_run
  }
}

module "inventory" {
  source   = "../function"
  platform = var.platform

  function = {
    name        = "${local.name}-inventory"
    description = "Lists what the source ${var.source_name} holds now"
    package     = "${var.artifacts}/functions/inventory.zip"
    memory_mb   = var.run.memory_mb
    environment = merge(local.environment, {
      HOLDFAST_ARTIFACTS   = module.codebuild.artifacts.bucket
      HOLDFAST_CONCURRENCY = tostring(var.run.concurrency)
    })
    policies = local.policies.inventory
  }
}

module "backup" {
  source   = "../function"
  platform = var.platform

  function = {
    name                 = "${local.name}-backup"
    description          = "Backs up one item of the source ${var.source_name}"
    package              = "${var.artifacts}/functions/backup.zip"
    memory_mb            = var.run.backup.memory_mb
    ephemeral_mb         = var.run.backup.ephemeral_mb
    reserved_concurrency = var.run.backup.reserved_concurrency
    environment          = local.environment
    policies             = local.policies.backup
  }
}

module "report" {
  source   = "../function"
  platform = var.platform

  function = {
    name        = "${local.name}-report"
    description = "Closes a run over the source ${var.source_name}: coverage, totals, notification"
    package     = "${var.artifacts}/functions/report.zip"
    memory_mb   = var.run.memory_mb
    environment = merge(local.environment, local.telling, {
      HOLDFAST_NOTIFY_SUCCESS = tostring(var.notifications.success)
    })
    policies = local.policies.report
  }
}

module "retention" {
  source   = "../function"
  count    = local.removes ? 1 : 0
  platform = var.platform

  function = {
    name        = "${local.name}-retention"
    description = "Removes the snapshots of the source ${var.source_name} that the policy no longer keeps"
    package     = "${var.artifacts}/functions/retention.zip"
    environment = merge(local.environment, { HOLDFAST_RETENTION = jsonencode(local.retention) })
    policies    = local.policies.retention
  }
}
