output "bucket" {
  description = "The bucket's name, once the bucket is what it should be."
  value       = var.bucket.id

  depends_on = [
    aws_s3_bucket_versioning.bucket,
    aws_s3_bucket_server_side_encryption_configuration.bucket,
    aws_s3_bucket_public_access_block.bucket,
  ]
}
