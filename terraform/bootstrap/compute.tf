data "aws_iam_policy_document" "compute" {
  # Functions, their aliases and versions, and the layer.
  statement {
    sid = "Functions"
    actions = [
      "lambda:CreateFunction", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:DeleteFunction",
      "lambda:PublishVersion", "lambda:CreateAlias", "lambda:UpdateAlias", "lambda:DeleteAlias",
      "lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency",
      "lambda:PutFunctionEventInvokeConfig", "lambda:UpdateFunctionEventInvokeConfig", "lambda:DeleteFunctionEventInvokeConfig",
      "lambda:TagResource", "lambda:UntagResource", "lambda:PublishLayerVersion", "lambda:DeleteLayerVersion",
    ]
    resources = [local.its.functions, local.its.layers, "${local.its.layers}:*"]
  }

  # What brings events to functions, known by the function, since a mapping has no name and, before it is there, no ARN.
  # https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
  statement {
    sid       = "Mappings"
    actions   = ["lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping", "lambda:DeleteEventSourceMapping"]
    resources = ["*"]

    condition {
      test     = "ArnLike"
      variable = "lambda:FunctionArn"
      values   = [local.its.functions]
    }
  }

  # Tags say nothing of the function.
  statement {
    sid       = "MappingTags"
    actions   = ["lambda:TagResource", "lambda:UntagResource"]
    resources = [local.its.mappings]
  }

  # The state machine, what starts it, and the builds.
  statement {
    sid = "Pipelines"
    actions = [
      "states:CreateStateMachine", "states:UpdateStateMachine", "states:DeleteStateMachine", "states:TagResource", "states:UntagResource",
      "scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule",
      "scheduler:CreateScheduleGroup", "scheduler:DeleteScheduleGroup", "scheduler:TagResource", "scheduler:UntagResource",
      "codebuild:CreateProject", "codebuild:UpdateProject", "codebuild:DeleteProject",
    ]
    resources = [local.its.state_machines, local.its.schedules, local.its.groups, local.its.projects]
  }

  # What watches over them, and the queues and rules of events.
  statement {
    sid = "Observation"
    actions = [
      "sns:CreateTopic", "sns:SetTopicAttributes", "sns:DeleteTopic", "sns:Subscribe", "sns:TagResource", "sns:UntagResource",
      "sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:DeleteQueue", "sqs:TagQueue", "sqs:UntagQueue",
      "events:PutRule", "events:DeleteRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource",
      "events:CreateEventBus", "events:UpdateEventBus", "events:DeleteEventBus", "events:PutPermission", "events:RemovePermission",
      "cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:TagResource", "cloudwatch:UntagResource",
      "cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards",
    ]
    resources = flatten([
      local.its.topics, local.its.queues, local.its.rules, local.its.buses, local.its.alarms, local.its.dashboards,
    ])
  }

  # Takes an address off the topic. SNS knows no resources for this.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
  statement {
    sid       = "Subscriptions"
    actions   = ["sns:Unsubscribe"]
    resources = ["*"]
  }

  # Log groups and how long they keep what is in them.
  statement {
    sid = "Logs"
    actions = [
      "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy",
      "logs:AssociateKmsKey", "logs:DisassociateKmsKey", "logs:TagResource", "logs:UntagResource",
    ]
    resources = flatten([for group in local.its.logs : [group, "${group}:*"]])
  }

  # Lets Step Functions deliver the log of executions: whoever sets that up must be able to. CloudWatch Logs knows no
  # resources for these.
  statement {
    sid = "DeliverLogs"
    actions = [
      "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
      "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies",
    ]
    resources = ["*"]
  }
}
