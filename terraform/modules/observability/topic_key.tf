locals {
  own_key = var.notifications.key_arn == null
  key_arn = local.own_key ? aws_kms_key.notifications[0].arn : var.notifications.key_arn
}

# A key of its own, because alarms and events cannot publish to a topic that AWS's own key encrypts.
# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
resource "aws_kms_key" "notifications" {
  count                   = local.own_key ? 1 : 0
  description             = "Encrypts the notifications of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  policy                  = data.aws_iam_policy_document.key[0].json
}

resource "aws_kms_alias" "notifications" {
  count         = local.own_key ? 1 : 0
  name          = "alias/${var.name}-notifications"
  target_key_id = aws_kms_key.notifications[0].key_id
}

data "aws_iam_policy_document" "key" {
  count = local.own_key ? 1 : 0

  # Leaves to the account's IAM policies who else may use the key.
  statement {
    sid     = "AccountDecidesByItsOwnPolicies"
    actions = ["kms:*"]
    # In a key's policy this means that key and nothing else.
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }

  # Alarms encrypt what they publish.
  statement {
    sid       = "Alarms"
    actions   = ["kms:GenerateDataKey*", "kms:Decrypt"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }

  # So do rules. EventBridge does not say on whose behalf it asks for a key, so no condition can tell; who may publish
  # to the topic is narrowed by the topic's own policy.
  statement {
    sid       = "Rules"
    actions   = ["kms:GenerateDataKey*", "kms:Decrypt"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}
