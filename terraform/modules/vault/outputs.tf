output "vault" {
  description = "The vault as other modules take it: its bucket, the KMS key that they need rights to, if any, and the account that owns it, where that is another."
  value = {
    bucket         = local.bucket_name
    arn            = local.bucket_arn
    encryption_key = local.encryption_key
    account_id     = var.vault.account_id
  }
}

output "replication" {
  description = "What CloudWatch measures the copies by: the two buckets and the rule; null where there are none."
  value = one([for replica in local.replicas : {
    source_bucket      = local.bucket_name
    destination_bucket = reverse(split(":", replica.bucket_arn))[0]
    rule               = local.replication_rule
  }])
}
