# No rule expires a snapshot: the retention function knows which ones later snapshots still need.
resource "aws_s3_bucket_lifecycle_configuration" "vault" {
  count  = local.managed ? 1 : 0
  bucket = aws_s3_bucket.vault[0].id

  rule {
    id     = "abort-incomplete-uploads"
    status = "Enabled"
    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  rule {
    id     = "end-removed-objects"
    status = "Enabled"
    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.vault.removed_days
    }
    expiration {
      expired_object_delete_marker = true
    }
  }

  dynamic "rule" {
    # One rule for the whole bucket where no prefixes are named.
    for_each = var.vault.transition.days == 0 ? [] : coalescelist(var.vault.transition.prefixes, [""])

    content {
      id     = rule.value == "" ? "to-glacier-instant-retrieval" : "to-glacier-instant-retrieval-${trimsuffix(rule.value, "/")}"
      status = "Enabled"

      filter {
        object_size_greater_than = rule.value == "" ? var.vault.transition.larger_than_kib * 1024 : null

        dynamic "and" {
          for_each = rule.value == "" ? [] : [rule.value]

          content {
            prefix                   = and.value
            object_size_greater_than = var.vault.transition.larger_than_kib * 1024
          }
        }
      }

      transition {
        days          = var.vault.transition.days
        storage_class = "GLACIER_IR"
      }
    }
  }

  # Versions can be spoken of only once there are any.
  depends_on = [aws_s3_bucket_versioning.vault]
}
