# For the function and for its counterpart in CodeBuild. Who steals this role can add to the vault, and read it, but
# neither replace nor remove anything, nor change how the bucket protects it.
data "aws_iam_policy_document" "backup" {
  source_policy_documents = [data.aws_iam_policy_document.list.json, data.aws_iam_policy_document.encrypt.json]

  # Builds on the snapshots before, and finds renamed items by the index.
  statement {
    sid       = "ReadSnapshots"
    actions   = ["s3:GetObject"]
    resources = [local.snapshots]
  }

  # Creates, but replaces nothing: S3 refuses a write that does not ask for that.
  statement {
    sid       = "CreateSnapshots"
    actions   = ["s3:PutObject"]
    resources = [local.snapshots, local.index]

    condition {
      test     = "Null"
      variable = "s3:if-none-match"
      values   = ["false"]
    }
  }

  # Uploads in parts. Only the request that completes an upload makes an object, and that one is held to the above.
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
  statement {
    sid       = "UploadParts"
    actions   = ["s3:PutObject"]
    resources = [local.snapshots]

    condition {
      test     = "Bool"
      variable = "s3:ObjectCreationOperation"
      values   = ["false"]
    }
  }

  # Leaves nothing behind when an upload fails.
  statement {
    sid       = "AbortUploads"
    actions   = ["s3:AbortMultipartUpload"]
    resources = [local.snapshots]
  }

  # What is written here is proven by others: who could say by itself that it is intact, or that the true ones are not,
  # would decide what retention keeps.
  statement {
    sid       = "NoVerdicts"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = local.verdicts
  }

  dynamic "statement" {
    for_each = var.tagged ? [[local.snapshots]] : []

    # Tags what it stores, for which S3 demands this permission in addition to the one to store. No rule of the vault goes by tags.
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
    content {
      sid       = "TagSnapshots"
      actions   = ["s3:PutObjectTagging"]
      resources = statement.value
    }
  }
}
