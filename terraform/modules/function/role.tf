resource "aws_iam_role" "function" {
  name                 = var.function.name
  description          = var.function.description
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.platform.permissions_boundary
}

data "aws_iam_policy_document" "trust" {
  # Lambda runs the function by this role.
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "own" {
  name   = "own"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.own.json
}

resource "aws_iam_role_policy" "given" {
  for_each = var.function.policies
  name     = each.key
  role     = aws_iam_role.function.id
  policy   = each.value
}

locals {
  connecting = [
    "ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
  ]
}

# What every function needs.
data "aws_iam_policy_document" "own" {
  # Writes its own log; the group is there already.
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function.arn}:*"]
  }

  # Sends traces. X-Ray knows no resources for this.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
  statement {
    sid       = "Trace"
    actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = var.platform.network[*]

    # Lambda connects the function to its VPC by this role. What it lists has no resources, and an interface has no name
    # before it is there.
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    content {
      sid       = "Connect"
      actions   = local.connecting
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.platform.network[*]

    # Lambda alone, not the function's code: only the code's own requests have the function's ARN.
    # https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
    content {
      sid       = "OnlyLambdaConnects"
      effect    = "Deny"
      actions   = local.connecting
      resources = ["*"]

      condition {
        test     = "Null"
        variable = "lambda:SourceFunctionArn"
        values   = ["false"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.function.failures == null ? [] : [var.function.failures]

    # Lambda hands over by this role what failed for good.
    content {
      sid       = "HandOverFailures"
      actions   = ["sqs:SendMessage"]
      resources = [statement.value.arn]
    }
  }
}
