# What the roles may do to repositories: list and read, and nothing more.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodecommit.html
locals {
  every_repository = [for region in local.regions : "arn:${local.partition}:codecommit:${region}:${local.account}:*"]

  # IAM knows two of the wildcards that a glob may have, with the same meaning. Where include has no others, only what
  # it names can be read; but not so many names that the policies of a role would outgrow the 10,240 characters that
  # IAM takes.
  expressible = alltrue([for pattern in var.codecommit.include : can(regex("^[\\w.*?-]+$", pattern))])
  few         = length(var.codecommit.include) * length(local.regions) <= 40
  named       = local.expressible && local.few && length(var.codecommit.include) > 0
  chosen_repositories = !local.named ? local.every_repository : flatten([
    for region in local.regions : [for name in var.codecommit.include : "arn:${local.partition}:codecommit:${region}:${local.account}:${name}"]
  ])
}

data "aws_iam_policy_document" "list" {
  # Finds the names of all repositories. CodeCommit knows no resources for this.
  statement {
    sid       = "ListRepositories"
    actions   = ["codecommit:ListRepositories"]
    resources = ["*"]
  }

  # Learns their ids and ARNs, many in one request, which is refused as a whole if one of them is not granted.
  statement {
    sid       = "DescribeRepositories"
    actions   = ["codecommit:BatchGetRepositories"]
    resources = local.every_repository
  }
}

data "aws_iam_policy_document" "inventory" {
  source_policy_documents = [data.aws_iam_policy_document.list.json]

  # Chooses by tags.
  statement {
    sid       = "ReadTags"
    actions   = ["codecommit:ListTagsForResource"]
    resources = local.every_repository
  }
}

# For the function and for its counterpart in CodeBuild, which find a renamed repository in the list.
data "aws_iam_policy_document" "backup" {
  source_policy_documents = [data.aws_iam_policy_document.list.json]

  # Reads what Git holds, and what else a repository has: description, key, tags, triggers, approval rules.
  statement {
    sid = "ReadRepositories"
    actions = [
      "codecommit:GitPull", "codecommit:GetRepository", "codecommit:GetRepositoryTriggers",
      "codecommit:ListAssociatedApprovalRuleTemplatesForRepository", "codecommit:ListTagsForResource",
    ]
    resources = local.chosen_repositories
  }

  # Keeps the approval rules that repositories go by. CodeCommit knows no resources for their templates.
  statement {
    sid       = "ReadApprovalRules"
    actions   = ["codecommit:GetApprovalRuleTemplate"]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = length(var.codecommit.keys) == 0 ? [] : [var.codecommit.keys]

    # CodeCommit decrypts a repository that has its own key with the permissions of the reader.
    # https://docs.aws.amazon.com/codecommit/latest/userguide/encryption.html
    content {
      sid       = "DecryptRepositories"
      actions   = ["kms:Decrypt"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [for region in local.regions : "codecommit.${region}.${data.aws_partition.current.dns_suffix}"]
      }
    }
  }
}
