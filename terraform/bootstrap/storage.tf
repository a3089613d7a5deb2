data "aws_iam_policy_document" "storage" {
  # Makes the buckets. That of the vault is created, but not deleted, and there is no right on its objects; so is that of
  # results of tasks over EFS. What protects them is in vault.tf.
  statement {
    sid       = "Buckets"
    actions   = ["s3:CreateBucket", "s3:PutBucketTagging", "s3:TagResource", "s3:UntagResource", "s3:PutBucketLogging"]
    resources = concat(local.kept, local.arns.artifacts)
  }

  # Programs can be made again at any time, so their buckets may change and go.
  statement {
    sid       = "Artifacts"
    actions   = concat(local.protection, ["s3:DeleteBucket", "s3:ListBucketVersions"])
    resources = local.arns.artifacts
  }

  # Puts the program in its place, and takes away the one before.
  statement {
    sid       = "Programs"
    actions   = ["s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObjectVersion"]
    resources = [for bucket in local.arns.artifacts : "${bucket}/*"]
  }

  # Sets up its keys. Not their policies, nor to disable or to delete one: that would take the snapshots with it.
  statement {
    sid       = "Keys"
    actions   = ["kms:EnableKeyRotation", "kms:UpdateKeyDescription", "kms:TagResource", "kms:UntagResource", "kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"]
    resources = [local.arns.keys]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/holdfast"
      values   = [var.name]
    }
  }

  # The other half of the same: an alias is granted beside its key.
  statement {
    sid       = "Aliases"
    actions   = ["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"]
    resources = local.arns.aliases
  }

  # Writes the state, which only an apply changes.
  statement {
    sid       = "State"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.state.arn}/${var.name}/*"]
  }
}
