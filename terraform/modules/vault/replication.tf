locals {
  replicas         = var.vault.replication == null ? [] : [var.vault.replication]
  replication_rule = "everything"
}

resource "aws_s3_bucket_replication_configuration" "vault" {
  count  = length(local.replicas)
  bucket = aws_s3_bucket.vault[0].id
  role   = aws_iam_role.replication[0].arn

  rule {
    id     = local.replication_rule
    status = "Enabled"
    filter {}

    # A removal here, by mistake or by an intruder, leaves the copy as it is.
    delete_marker_replication {
      status = "Disabled"
    }

    dynamic "source_selection_criteria" {
      for_each = var.vault.encryption.kms ? [true] : []

      content {
        sse_kms_encrypted_objects {
          status = "Enabled"
        }
      }
    }

    destination {
      bucket        = local.replicas[0].bucket_arn
      storage_class = local.replicas[0].storage_class
      account       = local.replicas[0].account_id

      # The copies belong to the account that holds them, so that this one cannot take them back.
      dynamic "access_control_translation" {
        for_each = local.replicas[0].account_id == null ? [] : [true]

        content {
          owner = "Destination"
        }
      }

      dynamic "encryption_configuration" {
        for_each = local.replicas[0].key_arn == null ? [] : [local.replicas[0].key_arn]

        content {
          replica_kms_key_id = encryption_configuration.value
        }
      }

      # Without these CloudWatch gets nothing about copies that fail or lag.
      metrics {
        status = "Enabled"
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.vault]
}

resource "aws_iam_role" "replication" {
  count                = length(local.replicas)
  name                 = "${var.name}-replication"
  description          = "Copies what is stored in the vault to another bucket"
  assume_role_policy   = data.aws_iam_policy_document.replication_trust[0].json
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "replication" {
  count  = length(local.replicas)
  name   = "replicate"
  role   = aws_iam_role.replication[0].id
  policy = data.aws_iam_policy_document.replication[0].json
}

data "aws_iam_policy_document" "replication_trust" {
  count = length(local.replicas)

  # S3 itself copies, on behalf of this vault only.
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.bucket_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "replication" {
  count = length(local.replicas)

  # Finds out what is to be copied.
  statement {
    sid       = "ReadConfiguration"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [local.bucket_arn]
  }

  # Reads the versions that it copies.
  statement {
    sid       = "ReadVersions"
    actions   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    resources = ["${local.bucket_arn}/*"]
  }

  dynamic "statement" {
    for_each = var.vault.object_lock == null ? [] : [true]

    # And how long each is locked, without which S3 copies nothing of a bucket with Object Lock.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
    content {
      sid       = "ReadLocks"
      actions   = ["s3:GetObjectRetention", "s3:GetObjectLegalHold"]
      resources = ["${local.bucket_arn}/*"]
    }
  }

  # Writes the copies, and hands them over where another account owns them. It may not replicate removals.
  statement {
    sid = "WriteCopies"
    actions = concat(
      ["s3:ReplicateObject", "s3:ReplicateTags"],
      local.replicas[0].account_id == null ? [] : ["s3:ObjectOwnerOverrideToBucketOwner"],
    )
    resources = ["${local.replicas[0].bucket_arn}/*"]
  }

  dynamic "statement" {
    for_each = local.encryption_key == null ? [] : [local.encryption_key]

    # Decrypts what the vault's key encrypted.
    content {
      sid       = "DecryptOriginals"
      actions   = ["kms:Decrypt"]
      resources = [statement.value.arn]
    }
  }

  dynamic "statement" {
    for_each = local.replicas[0].key_arn == null ? [] : [local.replicas[0].key_arn]

    # Encrypts the copies by the key of the place where they are stored.
    content {
      sid       = "EncryptCopies"
      actions   = ["kms:Encrypt"]
      resources = [statement.value]
    }
  }
}
