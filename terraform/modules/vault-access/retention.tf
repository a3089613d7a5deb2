# The only role that may delete. A removal hides a version; none may end one (s3:DeleteObjectVersion).
data "aws_iam_policy_document" "retention" {
  source_policy_documents = [data.aws_iam_policy_document.list.json, data.aws_iam_policy_document.decrypt.json]

  # Finds out which snapshots build on which.
  statement {
    sid       = "ReadManifests"
    actions   = ["s3:GetObject"]
    resources = [local.manifests]
  }

  # Removes what the policy no longer keeps.
  statement {
    sid       = "RemoveSnapshots"
    actions   = ["s3:DeleteObject"]
    resources = [local.snapshots]
  }
}
