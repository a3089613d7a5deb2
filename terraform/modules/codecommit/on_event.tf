module "on_event" {
  source   = "../on-event"
  count    = var.codecommit.events ? 1 : 0
  name     = local.name
  platform = var.platform

  rule_arns  = values(aws_cloudwatch_event_rule.events)[*].arn
  build      = module.source.deployed.build
  batch_size = 100

  function = {
    description  = "Backs up the repositories that events of the source codecommit name"
    package      = "${var.artifacts}/functions/on-event.zip"
    memory_mb    = var.codecommit.backup.memory_mb
    ephemeral_mb = var.codecommit.backup.ephemeral_mb
    # The topic gets the repositories that were deleted.
    environment = merge(module.source.environment, { HOLDFAST_TOPIC = var.notifications.topic_arn })
    policies    = merge(module.source.policies.backup, { notify = module.source.policies.notify })
  }
}
