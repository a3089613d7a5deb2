# The only role that may delete. A removal hides a version; none may end one (s3:DeleteObjectVersion).
data "aws_iam_policy_document" "retention" {
  source_policy_documents = [data.aws_iam_policy_document.list.json, data.aws_iam_policy_document.encrypt.json]

  # Finds out which snapshots build on which, and which of them runs have reported; and whether a run is under way.
  statement {
    sid       = "ReadManifests"
    actions   = ["s3:GetObject"]
    resources = [local.manifests, "${local.runs}/*"]
  }

  # Says what it is about to remove, so that no backup builds on it, and what it has removed. Creates, but replaces
  # nothing: S3 refuses a write that does not ask for that.
  statement {
    sid       = "AnnounceRemovals"
    actions   = ["s3:PutObject"]
    resources = [local.removing, local.removed]

    condition {
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["false"]
    }
  }

  # Removes what the policy no longer keeps, with the verdicts on it, and takes its announcements back. What was removed
  # stays on record.
  statement {
    sid       = "RemoveSnapshots"
    actions   = ["s3:DeleteObject"]
    resources = [local.snapshots, local.checks, local.removing]
  }
}
