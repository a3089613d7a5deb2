data "aws_iam_policy_document" "report" {
  source_policy_documents = [data.aws_iam_policy_document.list.json, data.aws_iam_policy_document.encrypt.json]

  # Reads the inventory; and goes on with the chain of reports where the runs before it ended.
  statement {
    sid       = "ReadRuns"
    actions   = ["s3:GetObject"]
    resources = ["${local.runs}/*"]
  }

  # Looks up what each item stored, and takes the digests of what has come since the run before: snapshots, and records of
  # what was removed and of what drills have found.
  statement {
    sid       = "ReadManifests"
    actions   = ["s3:GetObject"]
    resources = [local.manifests, local.removed, local.drills]
  }

  # Writes the report, the list of digests that goes with it and the page for people, and notes that the notification of the
  # run was sent. Creates, but replaces nothing: S3 refuses a write that does not ask for that.
  statement {
    sid     = "CreateReport"
    actions = ["s3:PutObject"]
    resources = [
      for name in ["report.json", "report.html", "chain.sha256", "notified.json"] : "${local.runs}/*/${name}"
    ]

    condition {
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["false"]
    }
  }

  # Renews the pointer to the latest: the one thing in a vault that is replaced.
  statement {
    sid       = "RenewLatest"
    actions   = ["s3:PutObject"]
    resources = ["${local.runs}/latest.json"]
  }
}
