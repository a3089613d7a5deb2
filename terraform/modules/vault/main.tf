data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  managed     = !var.vault.existing
  bucket_name = coalesce(var.vault.bucket, "${var.name}-vault-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.id}")
  bucket_arn  = "arn:${data.aws_partition.current.partition}:s3:::${local.bucket_name}"
}

# Named only to fail early where there is no such bucket. One of another account cannot be looked at, which takes the
# right to list all of it.
data "aws_s3_bucket" "existing" {
  count  = local.managed || var.vault.account_id != null ? 0 : 1
  bucket = local.bucket_name
}

resource "aws_s3_bucket" "vault" {
  count  = local.managed ? 1 : 0
  bucket = local.bucket_name

  # No force_destroy: a bucket that holds snapshots cannot be deleted even if this block is removed.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "vault" {
  count  = local.managed ? 1 : 0
  bucket = aws_s3_bucket.vault[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "vault" {
  count  = local.managed ? 1 : 0
  bucket = aws_s3_bucket.vault[0].id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "vault" {
  count  = local.managed ? 1 : 0
  bucket = aws_s3_bucket.vault[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_logging" "vault" {
  count  = var.vault.access_log == null ? 0 : 1
  bucket = aws_s3_bucket.vault[0].id

  target_bucket = var.vault.access_log.bucket
  target_prefix = var.vault.access_log.prefix
}
