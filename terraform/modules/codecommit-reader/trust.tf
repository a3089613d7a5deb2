data "aws_iam_policy_document" "trust" {
  # Those who read become this role. Compared by their names and not made principals: a policy takes no principal that
  # is not there, and forgets one that is removed and made again.
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [for account in keys(var.readers) : "arn:${local.partition}:iam::${account}:root"]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = flatten([for account, roles in var.readers : coalescelist(roles, ["arn:${local.partition}:iam::${account}:*"])])
    }

    dynamic "condition" {
      for_each = var.external_id == null ? [] : [var.external_id]

      # Known to the deployment that is meant to read here, and not to those who found out the role's name.
      # https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
      content {
        test     = "StringEquals"
        variable = "sts:ExternalId"
        values   = [condition.value]
      }
    }
  }
}
