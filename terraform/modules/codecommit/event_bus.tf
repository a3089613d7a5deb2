# Takes the events of the other accounts that are backed up. Its own bus, since a principal that may put events on the
# account's own bus can trigger any rule there.
resource "aws_cloudwatch_event_bus" "events" {
  count       = var.codecommit.events && local.elsewhere ? 1 : 0
  name        = local.name
  description = "What happens to repositories of CodeCommit in other accounts"
}

resource "aws_cloudwatch_event_bus_policy" "events" {
  count          = length(aws_cloudwatch_event_bus.events)
  event_bus_name = aws_cloudwatch_event_bus.events[0].name
  policy         = data.aws_iam_policy_document.event_bus[0].json
}

data "aws_iam_policy_document" "event_bus" {
  count = length(aws_cloudwatch_event_bus.events)

  # The accounts whose repositories are read tell of them. What else they may send no rule here waits for.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
  statement {
    sid       = "TakeEvents"
    actions   = ["events:PutEvents"]
    resources = [aws_cloudwatch_event_bus.events[0].arn]

    principals {
      type        = "AWS"
      identifiers = [for account in local.accounts : "arn:${local.partition}:iam::${account}:root"]
    }
  }
}

locals {
  own_bus_arn = "arn:${local.partition}:events:${local.region}:${local.account}:event-bus/default"
}
