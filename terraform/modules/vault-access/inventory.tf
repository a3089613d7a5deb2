data "aws_iam_policy_document" "inventory" {
  source_policy_documents = [data.aws_iam_policy_document.list.json, data.aws_iam_policy_document.encrypt.json]

  # Writes the inventory, and compares it with the one before.
  statement {
    sid       = "ReadRuns"
    actions   = ["s3:GetObject"]
    resources = ["${local.runs}/*"]
  }

  # Creates, but replaces nothing: S3 refuses a write that does not ask for that.
  statement {
    sid       = "CreateRun"
    actions   = ["s3:PutObject"]
    resources = ["${local.runs}/*/inventory.json"]

    condition {
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["false"]
    }
  }
}
