module "on_event" {
  source   = "../on-event"
  count    = var.codeartifact.events ? 1 : 0
  name     = local.name
  platform = var.platform

  rule_arns = values(aws_cloudwatch_event_rule.events)[*].arn
  build     = module.source.deployed.build
  # What an invocation stores in its time, also of large versions.
  batch_size = 50

  function = {
    description  = "Backs up the versions that events of the source codeartifact name"
    package      = "${var.artifacts}/functions/on-event.zip"
    memory_mb    = var.codeartifact.backup.memory_mb
    ephemeral_mb = var.codeartifact.backup.ephemeral_mb
    environment  = module.source.environment
    policies = {
      versions = module.source.policies.backup["versions"]
      vault    = module.source.policies.backup["vault"]
    }
  }
}
