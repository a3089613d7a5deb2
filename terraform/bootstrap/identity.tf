locals {
  # The deploying roles have the deployment's name as well; what may be done to roles must leave them out.
  deploying = [for use in keys(local.subjects) : "arn:${local.partition}:iam::${local.account}:role/${var.name}-deploy-${use}"]

  # The service that works by each role.
  services_of_roles = {
    for service, roles in {
      "lambda.amazonaws.com"    = [for name in local.services : "${name}-*"]
      "states.amazonaws.com"    = flatten([for name in local.pipelines : ["${name}-state-machine", "${name}-drill-state-machine"]])
      "codebuild.amazonaws.com" = [for name in local.pipelines : "${name}-codebuild"]
      "scheduler.amazonaws.com" = concat([for name in local.services : "${name}-schedule"], [for name in local.pipelines : "${name}-drill-schedule"], ["${var.name}-checks"])
      "s3.amazonaws.com"        = ["${var.name}-replication"]
    } : service => [for name in roles : "arn:${local.partition}:iam::${local.account}:role/${name}"]
  }
}

data "aws_iam_policy_document" "identity" {
  source_policy_documents = data.aws_iam_policy_document.efs_identity[*].json

  # Creates roles and changes what they may do and who may take them, only under the boundary: neither a role of another
  # deployment nor one that was made by hand is under it, whatever its name.
  statement {
    sid = "RolesUnderBoundary"
    actions = [
      "iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary", "iam:UpdateAssumeRolePolicy",
      "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
    ]
    resources = local.arns.roles

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary.arn]
    }
  }

  # What changes no rights, for which IAM knows no boundary.
  statement {
    sid       = "Roles"
    actions   = ["iam:TagRole", "iam:UntagRole", "iam:ListInstanceProfilesForRole"]
    resources = local.arns.roles
  }

  dynamic "statement" {
    for_each = local.services_of_roles

    # Hands a role to the service that works by it, and to no other.
    content {
      sid       = "PassTo${title(split(".", statement.key)[0])}"
      actions   = ["iam:PassRole"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = [statement.key]
      }
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
