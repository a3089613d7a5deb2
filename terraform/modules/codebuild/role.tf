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

  dynamic "statement" {
    for_each = var.platform.network[*]

    # CodeBuild connects builds to their VPC by this role. What it lists has no resources, and an interface has no name
    # before it is there.
    # https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-identity-based-access-control.html
    content {
      sid = "Connect"
      actions = [
        "ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface", "ec2:DescribeSubnets",
        "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", "ec2:DescribeDhcpOptions",
      ]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.platform.network[*]

    # Hands these interfaces to CodeBuild only.
    content {
      sid       = "HandOverInterfaces"
      actions   = ["ec2:CreateNetworkInterfacePermission"]
      resources = ["arn:${local.partition}:ec2:${local.place}:network-interface/*"]

      condition {
        test     = "StringEquals"
        variable = "ec2:AuthorizedService"
        values   = ["codebuild.amazonaws.com"]
      }
      condition {
        test     = "ArnEquals"
        variable = "ec2:Subnet"
        values   = [for id in statement.value.subnet_ids : "arn:${local.partition}:ec2:${local.place}:subnet/${id}"]
      }
    }
  }
}
