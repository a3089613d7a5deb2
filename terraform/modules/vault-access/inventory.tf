data "aws_iam_policy_document" "inventory" {
  source_policy_documents = [data.aws_iam_policy_document.list.json, data.aws_iam_policy_document.encrypt.json]

  # Writes the inventory, and compares it with the one before.
  statement {
    sid       = "ReadRuns"
    actions   = ["s3:GetObject"]
    resources = ["${local.runs}/*"]
  }

  # Writes the inventory and, the first time, what says that this is a vault and how to restore from it. Creates, but
  # replaces nothing: S3 refuses a write that does not ask for that.
  statement {
    sid       = "CreateRun"
    actions   = ["s3:PutObject"]
    resources = concat(["${local.runs}/*/inventory.json"], local.signs)

    condition {
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["false"]
    }
  }
}
