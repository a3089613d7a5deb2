locals {
  own_key = local.managed && var.vault.encryption.kms && var.vault.encryption.key_arn == null
  # An object, so that whether there is a key is known before the key itself is.
  encryption_key = (
    local.own_key ? { arn = aws_kms_key.vault[0].arn } :
    var.vault.encryption.key_arn != null ? { arn = var.vault.encryption.key_arn } : null
  )
}

resource "aws_kms_key" "vault" {
  count                   = local.own_key ? 1 : 0
  description             = "Encrypts the snapshots in the vault of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key[0].json

  # Without its key the vault cannot be read.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "vault" {
  count         = local.own_key ? 1 : 0
  name          = "alias/${var.name}-vault"
  target_key_id = aws_kms_key.vault[0].key_id
}

data "aws_iam_policy_document" "key" {
  count                   = local.own_key ? 1 : 0
  source_policy_documents = module.writers[*].policies.key

  # Leaves to the account's IAM policies who may use the key: each role of Holdfast is granted what it needs by its own.
  statement {
    sid     = "AccountDecidesByItsOwnPolicies"
    actions = ["kms:*"]
    # In a key's policy this means that key and nothing else.
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "vault" {
  count  = local.managed ? 1 : 0
  bucket = aws_s3_bucket.vault[0].id

  rule {
    bucket_key_enabled = var.vault.encryption.kms

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.vault.encryption.kms ? "aws:kms" : "AES256"
      kms_master_key_id = try(local.encryption_key.arn, null)
    }
  }
}
