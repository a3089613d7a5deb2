resource "aws_sqs_queue" "events" {
  name                    = "${var.name}-events"
  sqs_managed_sse_enabled = true
  # By when the schedule has caught up with what is left here.
  message_retention_seconds = 4 * 24 * 3600
  # After this what failed is tried again. Until then Lambda holds events: while it gathers them, while they are dealt
  # with, and a while for itself. AWS advises six times the function's time, for functions that are throttled; this one
  # is not, as no more of them are invoked than may run.
  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
  visibility_timeout_seconds = local.gathering_seconds + local.function_seconds + 300

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

# Of its own, so that all of it can be sent back to the queue that it came from. An alarm watches it.
resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-events-dead-letters"
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.url
  policy    = data.aws_iam_policy_document.queue["events"].json
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url
  policy    = data.aws_iam_policy_document.queue["dead_letters"].json
}

data "aws_iam_policy_document" "queue" {
  for_each = { events = var.rule_arns, dead_letters = [] }

  dynamic "statement" {
    for_each = length(each.value) == 0 ? [] : [each.value]

    # EventBridge brings what these rules found. What was tried too often SQS itself moves on.
    content {
      sid       = "Events"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.events.arn]

      principals {
        type        = "Service"
        identifiers = ["events.amazonaws.com"]
      }
      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = statement.value
      }
    }
  }

  # Nothing travels in plain text.
  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [each.key == "events" ? aws_sqs_queue.events.arn : aws_sqs_queue.dead_letters.arn]

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
