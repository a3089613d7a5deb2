locals {
  # How long events are gathered, so that all events of a version come in one batch, and are one look at it.
  gathering_seconds = 60
  queue_names = {
    for queue, name in { events = "${local.name}-events", dead_letters = "${local.name}-events-dead-letters" } : queue => name
    if var.codeartifact.events
  }
}

resource "aws_sqs_queue" "events" {
  count                   = var.codeartifact.events ? 1 : 0
  name                    = local.queue_names.events
  sqs_managed_sse_enabled = true
  # By when the schedule has caught up with what is left here.
  message_retention_seconds = 4 * 24 * 3600
  # After this what failed is tried again. Until then Lambda holds events: while it gathers them, while they are dealt
  # with, and a while for itself. AWS advises six times the function's time, for functions that are throttled; this one
  # is not, as no more of them are invoked than may run.
  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
  visibility_timeout_seconds = local.gathering_seconds + local.on_event_seconds + 300

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.event_dead_letters[0].arn
    maxReceiveCount     = 5
  })
}

# Of its own, so that all of it can be sent back to the queue that it came from. An alarm watches it.
resource "aws_sqs_queue" "event_dead_letters" {
  count                     = var.codeartifact.events ? 1 : 0
  name                      = local.queue_names.dead_letters
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_policy" "events" {
  count     = var.codeartifact.events ? 1 : 0
  queue_url = aws_sqs_queue.events[0].url
  policy    = data.aws_iam_policy_document.queue["events"].json
}

resource "aws_sqs_queue_policy" "event_dead_letters" {
  count     = var.codeartifact.events ? 1 : 0
  queue_url = aws_sqs_queue.event_dead_letters[0].url
  policy    = data.aws_iam_policy_document.queue["dead_letters"].json
}

data "aws_iam_policy_document" "queue" {
  for_each = local.queue_names

  dynamic "statement" {
    for_each = each.key == "events" ? [values(aws_cloudwatch_event_rule.events)[*].arn] : []

    # EventBridge brings what these rules found. What was tried too often SQS itself moves on.
    content {
      sid       = "Events"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.events[0].arn]

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
    resources = [each.key == "events" ? aws_sqs_queue.events[0].arn : aws_sqs_queue.event_dead_letters[0].arn]

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
