resource "aws_iam_role" "state_machine" {
  name                 = "${var.name}-state-machine"
  description          = "Runs the parts of ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.state_machine_trust.json
  permissions_boundary = var.platform.permissions_boundary
}

resource "aws_iam_role_policy" "state_machine" {
  name   = "drill"
  role   = aws_iam_role.state_machine.id
  policy = data.aws_iam_policy_document.state_machine.json
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
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.state_machine_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "state_machine" {
  # Invokes the drill, by its alias only.
  statement {
    sid       = "InvokeDrill"
    actions   = ["lambda:InvokeFunction"]
    resources = [module.function.function.arn]
  }
}
