data "aws_iam_policy_document" "freshness" {
  source_policy_documents = [data.aws_iam_policy_document.list.json, data.aws_iam_policy_document.decrypt.json]

  # Reads when the last run succeeded.
  statement {
    sid       = "ReadRuns"
    actions   = ["s3:GetObject"]
    resources = local.runs
  }
}
