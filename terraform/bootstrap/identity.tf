locals {
  # The deploying roles bear the deployment's name as well; what may be done to roles must leave them out.
  deploying = [for use in keys(local.subjects) : "arn:${local.partition}:iam::${local.account}:role/${var.name}-deploy-${use}"]
}

data "aws_iam_policy_document" "identity" {
  # Creates roles and changes what they may do, only under the boundary.
  statement {
    sid       = "RolesUnderBoundary"
    actions   = ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"]
    resources = [local.its.roles]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary.arn]
    }
  }

  # What takes rights away, or changes none.
  statement {
    sid = "Roles"
    actions = [
      "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription", "iam:UpdateAssumeRolePolicy",
      "iam:TagRole", "iam:UntagRole", "iam:ListInstanceProfilesForRole",
    ]
    resources = [local.its.roles]
  }

  # Hands a role to the service that works by it, and to no other.
  statement {
    sid       = "PassRoles"
    actions   = ["iam:PassRole"]
    resources = [local.its.roles]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values = [
        "lambda.amazonaws.com", "states.amazonaws.com", "scheduler.amazonaws.com", "codebuild.amazonaws.com", "s3.amazonaws.com",
      ]
    }
  }

  # Not even these rights reach the roles that deploy: their names begin alike.
  statement {
    sid       = "NotTheRolesThatDeploy"
    effect    = "Deny"
    actions   = ["iam:*"]
    resources = local.deploying
  }
}
