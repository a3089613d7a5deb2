# Parts that several roles share.

data "aws_iam_policy_document" "list" {
  # Finds what is stored. Not limited to prefixes: without this right on the bucket itself, S3 answers a question for
  # an object that is not there as if it were forbidden.
  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [var.vault.arn]
  }
}

data "aws_iam_policy_document" "encrypt" {
  dynamic "statement" {
    for_each = local.keys

    # Stores under the vault's key; decrypting is what S3 does to put an upload's parts together.
    # https://repost.aws/knowledge-center/s3-multipart-kms-encryption-error
    content {
      sid       = "Encrypt"
      actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
      resources = [statement.value]
    }
  }
}
