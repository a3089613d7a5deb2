# By its name only. Its value is never read here: it would end up in the state.
data "aws_secretsmanager_secret" "settings" {
  name = local.secret_name
}

# The secret's own key, where it has one.
data "aws_kms_key" "secret" {
  count  = local.secret_key == "" ? 0 : 1
  key_id = local.secret_key
}

locals {
  secret_name = coalesce(var.host.secret_name, "prod/${var.source_name}-backup")
  secret_key  = endswith(data.aws_secretsmanager_secret.settings.kms_key_id, "alias/aws/secretsmanager") ? "" : data.aws_secretsmanager_secret.settings.kms_key_id
  account     = "${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}"
}

data "aws_iam_policy_document" "secret" {
  # Reads the settings and the token. Secrets Manager adds a hyphen and six characters to the name: a secret that is
  # removed and made again under the same name is granted as well, and no other.
  statement {
    sid       = "ReadSecret"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["arn:${data.aws_partition.current.partition}:secretsmanager:${local.account}:secret:${local.secret_name}-??????"]
  }

  dynamic "statement" {
    for_each = data.aws_kms_key.secret

    # Decrypts it, where it is encrypted by its own key.
    content {
      sid       = "DecryptSecret"
      actions   = ["kms:Decrypt"]
      resources = [statement.value.arn]
    }
  }
}
