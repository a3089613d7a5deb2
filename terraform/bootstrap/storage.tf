data "aws_iam_policy_document" "storage" {
  # Sets up the vault and the bucket of programs. The vault's bucket is created, but not deleted: no s3:DeleteBucket
  # there, and no right on its objects.
  statement {
    sid = "Buckets"
    actions = [
      "s3:CreateBucket", "s3:PutBucketTagging", "s3:PutBucketVersioning", "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketOwnershipControls", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:PutBucketPolicy",
      "s3:DeleteBucketPolicy", "s3:PutBucketLogging", "s3:PutBucketObjectLockConfiguration", "s3:PutReplicationConfiguration",
    ]
    resources = concat(local.its.buckets, [local.its.artifacts])
  }

  # Programs can be made again at any time, so their bucket may go.
  statement {
    sid       = "Artifacts"
    actions   = ["s3:DeleteBucket", "s3:ListBucketVersions"]
    resources = [local.its.artifacts]
  }

  # Puts the program in its place, and takes away the one before.
  statement {
    sid       = "Programs"
    actions   = ["s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObjectVersion"]
    resources = ["${local.its.artifacts}/*"]
  }

  # Creates keys, and only such as are tagged as this deployment's; a key that is not there yet has no ARN.
  statement {
    sid       = "CreateKeys"
    actions   = ["kms:CreateKey", "kms:TagResource"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/holdfast"
      values   = [var.name]
    }
  }

  # Sets up its keys. Not to disable or to delete one: that would take the snapshots with it, and stays with an
  # administrator.
  statement {
    sid       = "Keys"
    actions   = ["kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:UpdateKeyDescription", "kms:TagResource", "kms:UntagResource", "kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"]
    resources = [local.its.keys]

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
    resources = [local.its.aliases]
  }
}
