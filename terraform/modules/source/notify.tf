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
