resource "aws_iam_role" "events" {
  # Roles have no region, and rules do.
  name                 = "${var.name}-${data.aws_region.current.id}"
  description          = "Sends events of CodeArtifact to where the packages are backed up"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "events" {
  name   = "events"
  role   = aws_iam_role.events.id
  policy = data.aws_iam_policy_document.events.json
}

data "aws_iam_policy_document" "trust" {
  # EventBridge sends by this role, for this rule only.
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.changes.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "events" {
  # Sends to this bus and to no other.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
  statement {
    sid       = "SendEvents"
    actions   = ["events:PutEvents"]
    resources = [var.bus_arn]
  }
}
