# A vault of another account is drilled by that account: who backs up into it gives no verdicts there.
module "drill" {
  source = "../drill"
  count  = local.removes && var.run.drill.enabled ? 1 : 0

  name        = "${local.name}-drill"
  source_name = var.source_name
  drill = merge(var.run.drill, {
    package = "${var.artifacts}/functions/drill.zip"
    environment = merge(local.environment, local.telling, {
      HOLDFAST_RUNS = module.pipeline.state_machine.arn
    })
    policies = merge(local.policies.drill, { runs = data.aws_iam_policy_document.remember_runs.json })
  })
  schedule_group   = module.pipeline.schedule.group
  dead_letters_arn = module.pipeline.dead_letters.arn
  platform         = var.platform
}

locals {
  # The drill's own is put together from its name, because its function must be granted it before it is there.
  remembering = [for end in ["", "-drill"] : "${module.pipeline.state_machine.arn}${end}"]
}

data "aws_iam_policy_document" "remember_runs" {
  # Asks which reports the last runs left, and which records the last drills: what Step Functions remembers is out of reach of all who write the vault, so that
  # one which was put back is seen.
  statement {
    sid       = "ListRuns"
    actions   = ["states:ListExecutions"]
    resources = local.remembering
  }

  statement {
    sid       = "ReadRunResults"
    actions   = ["states:DescribeExecution"]
    resources = [for arn in local.remembering : "${replace(arn, ":stateMachine:", ":execution:")}:*"]
  }
}
