# A vault of another account is drilled by that account: who backs up into it gives no verdicts there.
module "drill" {
  source = "../drill"
  count  = local.removes && var.run.drill.enabled ? 1 : 0

  name        = "${local.name}-drill"
  source_name = var.source_name
  drill = merge(var.run.drill, {
    package     = "${var.artifacts}/functions/drill.zip"
    environment = merge(local.environment, { HOLDFAST_TOPIC = var.notifications.topic_arn })
    policies    = local.policies.drill
  })
  schedule_group   = module.pipeline.schedule.group
  dead_letters_arn = module.pipeline.dead_letters.arn
  platform         = var.platform
}
