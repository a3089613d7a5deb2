data "aws_iam_policy_document" "notify" {
  # Says how a run ended, and what should be known before.
  statement {
    sid       = "Notify"
    actions   = ["sns:Publish"]
    resources = [var.notifications.topic_arn]
  }

  # The topic is encrypted, and each publisher uses its key.
  # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
  statement {
    sid       = "EncryptNotification"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = [var.notifications.key_arn]
  }
}

# The addresses are for those functions alone that send to them: not for all that publish to the topic.
data "aws_iam_policy_document" "tell" {
  source_policy_documents = [data.aws_iam_policy_document.notify.json]

  # Reads the addresses of webhooks and heartbeats, where there are any. It may read no other secret by this.
  dynamic "statement" {
    for_each = var.notifications.secret == null ? [] : [var.notifications.secret.arn]

    content {
      sid       = "ReadAddresses"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [statement.value]
    }
  }

  # Decrypts them, where their secret is encrypted by its own key.
  dynamic "statement" {
    for_each = try(var.notifications.secret.key_arn, null) == null ? [] : [var.notifications.secret.key_arn]

    content {
      sid       = "DecryptAddresses"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}
