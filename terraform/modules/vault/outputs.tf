output "vault" {
  description = "The vault as other modules take it: its bucket, and the KMS key that they need rights to, if any."
  value = {
    bucket         = local.bucket_name
    arn            = local.bucket_arn
    encryption_key = local.encryption_key
  }
}
