# Repositories of other accounts are read by roles there, which have the rights on them: see the module
# codecommit-reader. The roles here have none then.
locals {
  elsewhere = length(var.codecommit.roles) > 0
  accounts  = [for role in var.codecommit.roles : split(":", role.arn)[4]]

  policies = {
    list = local.elsewhere ? tomap({ roles = data.aws_iam_policy_document.roles[0].json }) : tomap({ repositories = data.aws_iam_policy_document.inventory.json })
    read = local.elsewhere ? tomap({ roles = data.aws_iam_policy_document.roles[0].json }) : tomap({ repositories = data.aws_iam_policy_document.backup.json })
  }
}

data "aws_iam_policy_document" "roles" {
  count = local.elsewhere ? 1 : 0

  # Becomes these roles of other accounts, and no other.
  statement {
    sid       = "AssumeRoles"
    actions   = ["sts:AssumeRole"]
    resources = var.codecommit.roles[*].arn
  }
}
