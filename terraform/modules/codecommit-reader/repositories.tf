# List and read, and nothing more.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodecommit.html
data "aws_iam_policy_document" "repositories" {
  # Finds the names of all repositories. CodeCommit knows no resources for this.
  statement {
    sid       = "ListRepositories"
    actions   = ["codecommit:ListRepositories"]
    resources = ["*"]
  }

  # Learns their ids, ARNs and tags, to choose by. The first is refused as a whole if one repository is not granted.
  statement {
    sid       = "DescribeRepositories"
    actions   = ["codecommit:BatchGetRepositories", "codecommit:ListTagsForResource"]
    resources = local.every_repository
  }

  # Reads what Git holds, and what else a repository has: description, key, triggers, approval rules.
  statement {
    sid = "ReadRepositories"
    actions = [
      "codecommit:GitPull", "codecommit:GetRepository", "codecommit:GetRepositoryTriggers",
      "codecommit:ListAssociatedApprovalRuleTemplatesForRepository",
    ]
    resources = local.repositories
  }

  # Keeps the approval rules that repositories go by. CodeCommit knows no resources for their templates.
  statement {
    sid       = "ReadApprovalRules"
    actions   = ["codecommit:GetApprovalRuleTemplate"]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = length(var.keys) == 0 ? [] : [var.keys]

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
