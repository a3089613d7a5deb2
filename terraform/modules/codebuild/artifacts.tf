# Holds the program that builds run, which comes from the same build as the functions and can be made again at any time,
# and the working files of runs, which are of no use once a run can no longer be redriven.
resource "aws_s3_bucket" "artifacts" {
  bucket        = "${var.name}-artifacts-${local.account}-${data.aws_region.current.id}"
  force_destroy = true
}

resource "aws_s3_object" "program" {
  bucket = aws_s3_bucket.artifacts.id
  # Named by its content, so that a build that has begun keeps the program that it began with.
  key         = "command-line-${substr(filesha256(var.program.package), 0, 16)}.zip"
  source      = var.program.package
  source_hash = filesha256(var.program.package)

  # An object takes ten tags, a deployment may have more.
  override_provider {
    default_tags {
      tags = {}
    }
  }

  lifecycle {
    create_before_destroy = true
  }

  # Stored only once the bucket is what it should be.
  depends_on = [
    aws_s3_bucket_versioning.artifacts,
    aws_s3_bucket_server_side_encryption_configuration.artifacts,
    aws_s3_bucket_public_access_block.artifacts,
  ]
}

# Says beside the program how to restore with it and without, for the day on which only the buckets are left.
resource "aws_s3_object" "guide" {
  bucket      = aws_s3_bucket.artifacts.id
  key         = "RESTORE.md"
  source      = "${path.module}/RESTORE.md"
  source_hash = filesha256("${path.module}/RESTORE.md")

  depends_on = [
    aws_s3_bucket_versioning.artifacts,
    aws_s3_bucket_server_side_encryption_configuration.artifacts,
    aws_s3_bucket_public_access_block.artifacts,
  ]
}

resource "aws_s3_bucket_versioning" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    id     = "end-replaced-programs"
    status = "Enabled"
    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  rule {
    id     = "end-working-files"
    status = "Enabled"
    filter {
      prefix = "runs/"
    }

    # An execution can be redriven for 14 days after it ended, and runs take some days themselves.
    # https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
    expiration {
      days = 30
    }
  }

  depends_on = [aws_s3_bucket_versioning.artifacts]
}

resource "aws_s3_bucket_policy" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  policy = data.aws_iam_policy_document.artifacts.json

  # Otherwise the two changes of the bucket can meet, and one of them fails.
  depends_on = [aws_s3_bucket_public_access_block.artifacts]
}

data "aws_iam_policy_document" "artifacts" {
  # Nothing travels in plain text.
  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.artifacts.arn, "${aws_s3_bucket.artifacts.arn}/*"]

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

  # Nothing is stored under a key that only the request has: no one else could read it.
  statement {
    sid       = "DenyKeysOfCustomers"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.artifacts.arn}/*"]

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
}
