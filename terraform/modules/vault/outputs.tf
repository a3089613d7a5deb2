output "vault" {
  description = "The vault as other modules take it: its bucket, the KMS key that they need rights to, if any, and the account that owns it, where that is another."
  value = {
    bucket         = local.bucket_name
    arn            = local.bucket_arn
    encryption_key = local.encryption_key
    account_id     = var.vault.account_id
  }
}
