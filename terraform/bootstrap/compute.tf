data "aws_iam_policy_document" "compute" {
  # Functions, their aliases and versions, and the layer.
  statement {
    sid = "Functions"
    actions = [
      "lambda:CreateFunction", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:DeleteFunction",
      "lambda:PublishVersion", "lambda:CreateAlias", "lambda:UpdateAlias", "lambda:DeleteAlias",
      "lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency",
      "lambda:PutFunctionEventInvokeConfig", "lambda:UpdateFunctionEventInvokeConfig", "lambda:DeleteFunctionEventInvokeConfig",
      "lambda:TagResource", "lambda:UntagResource",
    ]
    resources = local.arns.functions
  }

  # The layer is published under its name, and its versions are deleted by number.
  statement {
    sid       = "Layer"
    actions   = ["lambda:PublishLayerVersion", "lambda:DeleteLayerVersion"]
    resources = [local.arns.layer, local.arns.layer_versions]
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
      values   = local.arns.functions
    }
  }

  # Tags say nothing of the function.
  statement {
    sid       = "MappingTags"
    actions   = ["lambda:TagResource", "lambda:UntagResource"]
    resources = [local.arns.mappings]
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
    resources = flatten([local.arns.state_machines, local.arns.schedules, local.arns.groups, local.arns.projects])
  }
}

# What watches over them, and the queues and rules of events.
data "aws_iam_policy_document" "observation" {
  statement {
    sid = "Messages"
    actions = [
      "sns:CreateTopic", "sns:SetTopicAttributes", "sns:DeleteTopic", "sns:Subscribe", "sns:TagResource", "sns:UntagResource",
      "sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:DeleteQueue", "sqs:TagQueue", "sqs:UntagQueue",
      "events:PutRule", "events:DeleteRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource",
      "events:CreateEventBus", "events:UpdateEventBus", "events:DeleteEventBus",
    ]
    resources = flatten([local.arns.topics, local.arns.queues, local.arns.rules, local.arns.buses])
  }

  statement {
    sid = "Alarms"
    actions = [
      "cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:TagResource", "cloudwatch:UntagResource",
      "cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards",
    ]
    resources = concat(local.arns.alarms, [local.arns.dashboards])
  }

  # Takes an address off the topic, and says who may send to a bus. AWS knows no resources for these.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
  statement {
    sid       = "WithoutResources"
    actions   = ["sns:Unsubscribe", "events:PutPermission", "events:RemovePermission"]
    resources = ["*"]
  }

  # Log groups and how long they keep what is in them.
  statement {
    sid = "Logs"
    actions = [
      "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy",
      "logs:AssociateKmsKey", "logs:DisassociateKmsKey", "logs:TagResource", "logs:UntagResource",
    ]
    # Each name takes its group with and without the :* at the end that some of these ask for.
    resources = local.arns.logs
  }

  # Lets Step Functions deliver the log of executions: the role that sets that up needs it. CloudWatch Logs knows no
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
