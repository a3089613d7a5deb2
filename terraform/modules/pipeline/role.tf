resource "aws_iam_role" "state_machine" {
  name                 = "${var.pipeline.name}-state-machine"
  description          = "Runs the steps of ${var.pipeline.name}"
  assume_role_policy   = data.aws_iam_policy_document.state_machine_trust.json
  permissions_boundary = var.log.permissions_boundary
}

resource "aws_iam_role_policy" "state_machine" {
  for_each = {
    run   = data.aws_iam_policy_document.state_machine.json
    files = var.files_policy
  }
  name   = each.key
  role   = aws_iam_role.state_machine.id
  policy = each.value
}

data "aws_iam_policy_document" "state_machine_trust" {
  # Step Functions works by this role, for this state machine only.
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["states.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      # Items of the map run as executions of a part of it: <ARN>/<label>.
      values = [local.state_machine_arn, "${local.state_machine_arn}/*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "state_machine" {
  source_policy_documents = [var.build.start_policy]

  # Invokes the functions, by their aliases only.
  statement {
    sid       = "InvokeFunctions"
    actions   = ["lambda:InvokeFunction"]
    resources = [for function in var.functions : function.arn if function != null]
  }

  # Backs up in CodeBuild what does not fit a Lambda: the policy above starts the build, this follows it, and stops it with
  # the run.
  # https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html
  statement {
    sid       = "FollowBuild"
    actions   = ["codebuild:StopBuild", "codebuild:BatchGetBuilds"]
    resources = [var.build.arn]
  }

  # Step Functions hears of the end of a build by a rule of its own, which has this name in every account.
  statement {
    sid       = "HearOfBuilds"
    actions   = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]
    resources = ["arn:${local.partition}:events:${local.place}:rule/StepFunctionsGetEventForCodeBuildStartBuildRule"]
  }

  # A distributed map runs each item as an execution of the same state machine.
  # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
  statement {
    sid       = "StartItems"
    actions   = ["states:StartExecution"]
    resources = [local.state_machine_arn]
  }

  # Follows these executions, stops them with the run, and takes them up again with it.
  statement {
    sid     = "FollowItems"
    actions = ["states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"]
    resources = [
      "arn:${local.partition}:states:${local.place}:execution:${var.pipeline.name}:*",
      "arn:${local.partition}:states:${local.place}:execution:${var.pipeline.name}/${local.map_label}:*",
    ]
  }

  # Has its log delivered. CloudWatch Logs knows no resources for these actions.
  # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
  statement {
    sid = "DeliverLog"
    actions = [
      "logs:CreateLogDelivery",
      "logs:GetLogDelivery",
      "logs:UpdateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:DescribeResourcePolicies",
      "logs:DescribeLogGroups",
    ]
    resources = ["*"]
  }

  # Sends traces, and asks which to send. X-Ray knows no resources for this.
  # https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html
  statement {
    sid = "Trace"
    actions = [
      "xray:PutTraceSegments",
      "xray:PutTelemetryRecords",
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
    ]
    resources = ["*"]
  }
}
