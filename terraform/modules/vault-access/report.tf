data "aws_iam_policy_document" "report" {
  source_policy_documents = [data.aws_iam_policy_document.list.json, data.aws_iam_policy_document.encrypt.json]

  # Reads the inventory.
  statement {
    sid       = "ReadRuns"
    actions   = ["s3:GetObject"]
    resources = local.runs
  }

  # Writes the report, and renews the pointer to the latest: the one thing in a vault that is replaced.
  statement {
    sid       = "WriteReport"
    actions   = ["s3:PutObject"]
    resources = local.runs
  }

  # Looks up what an item that went through CodeBuild stored.
  statement {
    sid       = "ReadManifests"
    actions   = ["s3:GetObject"]
    resources = local.manifests
  }
}
