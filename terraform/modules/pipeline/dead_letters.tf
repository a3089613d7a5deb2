# Takes what would otherwise be lost: runs that could not be started, checks that failed. An alarm watches it.
resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.pipeline.name}-dead-letters"
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url
  policy    = data.aws_iam_policy_document.dead_letters.json
}

data "aws_iam_policy_document" "dead_letters" {
  # EventBridge leaves the notifications here that it could not deliver. Roles may send by policies of their own.
  statement {
    sid       = "UndeliveredEvents"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letters.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      # Of rules on the account's own bus, and on one of the source's own.
      values = [for place in ["-", "/"] : "arn:${local.partition}:events:${local.place}:rule/${var.pipeline.name}${place}*"]
    }
  }

  # Nothing travels in plain text.
  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.dead_letters.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
