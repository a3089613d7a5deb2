locals {
  provider_arn = try(aws_iam_openid_connect_provider.github[0].arn, var.oidc.provider_arn)

  # GitHub writes a repository into a token's subject by its names, or by names and numbers.
  # https://docs.github.com/en/actions/reference/security/oidc
  repositories = concat(
    ["repo:${var.repository.owner}/${var.repository.name}"],
    var.repository.id == null ? [] : ["repo:${var.repository.owner}@${var.repository.owner_id}/${var.repository.name}@${var.repository.id}"],
  )

  # Who may take which role: pull requests may plan, and only jobs in the protected environment apply.
  subjects = {
    plan  = [for repository in local.repositories : "${repository}:pull_request"]
    apply = [for repository in local.repositories : "${repository}:environment:${var.repository.environment}"]
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  count          = var.oidc.provider_arn == null ? 1 : 0
  url            = "https://${var.oidc.host}"
  client_id_list = [var.oidc.audience]
}

data "aws_iam_policy_document" "trust" {
  for_each = local.subjects

  # A workflow of this repository, and none but those meant: compared letter by letter.
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.provider_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${var.oidc.host}:aud"
      values   = [var.oidc.audience]
    }
    condition {
      test     = "StringEquals"
      variable = "${var.oidc.host}:sub"
      values   = each.value
    }
  }
}
