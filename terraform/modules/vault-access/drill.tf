# Reads all of its source and says what it found. No one else may say of a snapshot that it is intact or damaged; and this
# one may neither store a snapshot, nor a report, nor remove anything.
data "aws_iam_policy_document" "drill" {
  source_policy_documents = [data.aws_iam_policy_document.list.json, data.aws_iam_policy_document.encrypt.json]

  # Restores snapshots to prove that they restore; walks the chain of reports, with what was removed; and compares the
  # verdicts with the records of earlier drills.
  statement {
    sid       = "ReadEverything"
    actions   = ["s3:GetObject"]
    resources = [local.snapshots, "${local.runs}/*", local.removed, local.checks, local.drills]
  }

  # Says what it found. A verdict replaces an earlier one.
  statement {
    sid       = "GiveVerdicts"
    actions   = ["s3:PutObject"]
    resources = [local.checks]
  }

  # Leaves a record of each drill. Creates, but replaces nothing: S3 refuses a write that does not ask for that.
  statement {
    sid       = "RecordDrills"
    actions   = ["s3:PutObject"]
    resources = [local.drills]

    condition {
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["false"]
    }
  }
}
