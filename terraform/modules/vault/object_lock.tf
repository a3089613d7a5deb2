resource "aws_s3_bucket_object_lock_configuration" "vault" {
  count  = var.vault.object_lock == null ? 0 : 1
  bucket = aws_s3_bucket.vault[0].id

  rule {
    default_retention {
      mode = var.vault.object_lock.mode
      days = var.vault.object_lock.days
    }
  }

  # Only a versioned bucket can be locked.
  depends_on = [aws_s3_bucket_versioning.vault]
}
