data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  account   = data.aws_caller_identity.current.account_id
  here      = "${local.region}:${local.account}"

  # What is called by a source. A name that another deployment could have as well would be taken for this one's, so
  # var.name refuses such.
  known     = jsondecode(file("${path.module}/../sources.json"))
  sources   = [for source in keys(local.known.names) : source if !contains(local.known.git_hosts, source) || contains(var.granted.git_hosts, source)]
  pipelines = [for source in local.sources : "${var.name}-${source}" if source != "efs"]
  services  = [for source in local.sources : "${var.name}-${source}"]

  # What a deployment creates, by the names that it gives.
  arns = {
    buckets = concat(
      ["arn:${local.partition}:s3:::${var.name}-vault-${local.account}-${local.region}"],
      [for name in var.granted.vaults : "arn:${local.partition}:s3:::${name}"],
    )
    artifacts      = [for name in local.services : "arn:${local.partition}:s3:::${name}-artifacts-${local.account}-${local.region}"]
    functions      = [for name in local.services : "arn:${local.partition}:lambda:${local.here}:function:${name}-*"]
    mappings       = "arn:${local.partition}:lambda:${local.here}:event-source-mapping:*"
    layer          = "arn:${local.partition}:lambda:${local.here}:layer:${var.name}-core"
    layer_versions = "arn:${local.partition}:lambda:${local.here}:layer:${var.name}-core:*"
    roles = concat(
      [for name in local.services : "arn:${local.partition}:iam::${local.account}:role/${name}-*"],
      [for name in ["checks", "replication"] : "arn:${local.partition}:iam::${local.account}:role/${var.name}-${name}"],
    )
    # Of the runs, and of the drills.
    state_machines = flatten([for name in local.pipelines : [for end in ["", "-drill"] : "arn:${local.partition}:states:${local.here}:stateMachine:${name}${end}"]])
    executions     = [for name in local.pipelines : "arn:${local.partition}:states:${local.here}:execution:${name}*"]
    schedules      = [for name in local.schedule_groups : "arn:${local.partition}:scheduler:${local.here}:schedule/${name}/*"]
    groups         = [for name in local.schedule_groups : "arn:${local.partition}:scheduler:${local.here}:schedule-group/${name}"]
    # On the account's own bus, and on one of a source's own.
    rules      = flatten([for name in local.services : [for place in ["-", "/"] : "arn:${local.partition}:events:${local.here}:rule/${name}${place}*"]])
    build_rule = "arn:${local.partition}:events:${local.here}:rule/StepFunctionsGetEventForCodeBuildStartBuildRule"
    buses      = [for name in local.pipelines : "arn:${local.partition}:events:${local.here}:event-bus/${name}"]
    topics     = "arn:${local.partition}:sns:${local.here}:${var.name}-notifications"
    queues     = [for name in local.services : "arn:${local.partition}:sqs:${local.here}:${name}-*"]
    projects   = [for name in local.pipelines : "arn:${local.partition}:codebuild:${local.here}:project/${name}"]
    alarms = [
      for name in concat(local.services, ["${var.name}-replication"]) : "arn:${local.partition}:cloudwatch:${local.here}:alarm:${name}-*"
    ]
    dashboards = "arn:${local.partition}:cloudwatch::${local.account}:dashboard/${var.name}"
    keys       = "arn:${local.partition}:kms:${local.here}:key/*"
    aliases    = [for name in ["vault", "notifications"] : "arn:${local.partition}:kms:${local.here}:alias/${var.name}-${name}"]
    secrets    = [for name in var.granted.secrets : "arn:${local.partition}:secretsmanager:${local.here}:secret:${name}-??????"]
    logs       = [for name in local.services : "arn:${local.partition}:logs:${local.here}:log-group:/aws/*/${name}*"]
  }

  schedule_groups = concat(local.services, ["${var.name}-efs-tasks", "${var.name}-checks"])
}
