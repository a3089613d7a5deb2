resource "aws_s3_bucket_policy" "vault" {
  count  = local.managed ? 1 : 0
  bucket = aws_s3_bucket.vault[0].id
  policy = data.aws_iam_policy_document.bucket[0].json

  # Otherwise the two changes of the bucket can meet, and one of them fails.
  depends_on = [aws_s3_bucket_public_access_block.vault]
}

# Apart from the module, so that the same statements can be put on a bucket that is not managed here.
module "writers" {
  source = "../vault-writer"
  count  = var.vault.writers == null ? 0 : 1

  bucket_arn = local.bucket_arn
  prefix     = var.vault.writers.prefix
  accounts   = var.vault.writers.accounts
}

data "aws_iam_policy_document" "bucket" {
  count                   = local.managed ? 1 : 0
  source_policy_documents = module.writers[*].policies.bucket

  # Nothing travels in plain text.
  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.bucket_arn, "${local.bucket_arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  # What is removed stays recoverable until the lifecycle rule ends it: no one removes a version for good.
  statement {
    sid       = "DenyRemovingForGood"
    effect    = "Deny"
    actions   = ["s3:DeleteObjectVersion"]
    resources = ["${local.bucket_arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }

  # A request that asks for no encryption gets the bucket's; one that asks for another would store what no role can read.
  statement {
    sid       = "DenyOtherEncryption"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${local.bucket_arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
    # What a request does not say at all counts as unequal, too, so it must be there.
    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption"
      values   = ["false"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "s3:x-amz-server-side-encryption"
      values   = [var.vault.encryption.kms ? "aws:kms" : "AES256"]
    }
  }

  # The same for a key that only the request has, which no setting of the bucket replaces.
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
  statement {
    sid       = "DenyKeysOfCustomers"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${local.bucket_arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption-customer-algorithm"
      values   = ["false"]
    }
  }

  dynamic "statement" {
    for_each = local.encryption_key == null ? [] : [local.encryption_key]

    # The same for a key that is not the vault's: the owner of that key could take the snapshots away with it.
    content {
      sid       = "DenyOtherKey"
      effect    = "Deny"
      actions   = ["s3:PutObject"]
      resources = ["${local.bucket_arn}/*"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }
      condition {
        test     = "Null"
        variable = "s3:x-amz-server-side-encryption-aws-kms-key-id"
        values   = ["false"]
      }
      condition {
        test     = "StringNotEquals"
        variable = "s3:x-amz-server-side-encryption-aws-kms-key-id"
        values   = [statement.value.arn]
      }
    }
  }
}
