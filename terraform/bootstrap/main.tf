data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  account   = data.aws_caller_identity.current.account_id
  here      = "${local.region}:${local.account}"

  # What a deployment creates, by the names that it gives.
  its = {
    buckets        = concat(["arn:${local.partition}:s3:::${var.name}-vault-*"], [for name in var.granted.vaults : "arn:${local.partition}:s3:::${name}"])
    artifacts      = "arn:${local.partition}:s3:::${var.name}-*-artifacts-*"
    functions      = "arn:${local.partition}:lambda:${local.here}:function:${var.name}-*"
    mappings       = "arn:${local.partition}:lambda:${local.here}:event-source-mapping:*"
    layers         = "arn:${local.partition}:lambda:${local.here}:layer:${var.name}-core"
    roles          = "arn:${local.partition}:iam::${local.account}:role/${var.name}-*"
    state_machines = "arn:${local.partition}:states:${local.here}:stateMachine:${var.name}-*"
    executions     = "arn:${local.partition}:states:${local.here}:execution:${var.name}-*"
    schedules      = "arn:${local.partition}:scheduler:${local.here}:schedule/${var.name}-*/*"
    groups         = "arn:${local.partition}:scheduler:${local.here}:schedule-group/${var.name}-*"
    rules          = "arn:${local.partition}:events:${local.here}:rule/${var.name}-*"
    build_rule     = "arn:${local.partition}:events:${local.here}:rule/StepFunctionsGetEventForCodeBuildStartBuildRule"
    buses          = "arn:${local.partition}:events:${local.here}:event-bus/${var.name}-*"
    topics         = "arn:${local.partition}:sns:${local.here}:${var.name}-notifications"
    queues         = [for queue in ["events", "dead-letters"] : "arn:${local.partition}:sqs:${local.here}:${var.name}-*-${queue}"]
    projects       = "arn:${local.partition}:codebuild:${local.here}:project/${var.name}-*"
    alarms         = "arn:${local.partition}:cloudwatch:${local.here}:alarm:${var.name}-*"
    dashboards     = "arn:${local.partition}:cloudwatch::${local.account}:dashboard/${var.name}"
    keys           = "arn:${local.partition}:kms:${local.here}:key/*"
    aliases        = "arn:${local.partition}:kms:${local.here}:alias/${var.name}-*"
    secrets        = [for name in var.granted.secrets : "arn:${local.partition}:secretsmanager:${local.here}:secret:${name}-??????"]
    logs = [
      for prefix in ["/aws/lambda/", "/aws/codebuild/", "/aws/vendedlogs/states/", "/aws/ec2/"] :
      "arn:${local.partition}:logs:${local.here}:log-group:${prefix}${var.name}-*"
    ]
  }
}
