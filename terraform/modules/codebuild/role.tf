resource "aws_iam_role" "build" {
  name                 = "${var.name}-codebuild"
  description          = "Backs up in CodeBuild what does not fit a Lambda"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.platform.permissions_boundary
}

resource "aws_iam_role_policy" "own" {
  name   = "own"
  role   = aws_iam_role.build.id
  policy = data.aws_iam_policy_document.own.json
}

resource "aws_iam_role_policy" "given" {
  for_each = var.policies
  name     = each.key
  role     = aws_iam_role.build.id
  policy   = each.value
}

data "aws_iam_policy_document" "trust" {
  # CodeBuild builds by this role, for this project only.
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.project_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "own" {
  # Writes its own log; the group is there already.
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.builds.arn}:*"]
  }

  # Loads the program, of which the name changes with each version.
  statement {
    sid       = "LoadProgram"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${aws_s3_bucket.artifacts.arn}/command-line-*.zip"]
  }
}
