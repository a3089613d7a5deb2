# Takes the events of domains of other accounts. Not the account's own bus, since a principal that may put events on it
# can trigger any rule there.
locals {
  owners    = setsubtract([for filter in var.codeartifact.filters : filter.owner if filter.owner != null], [local.account])
  elsewhere = length(local.owners) > 0
}

resource "aws_cloudwatch_event_bus" "events" {
  count       = var.codeartifact.events && local.elsewhere ? 1 : 0
  name        = local.name
  description = "What happens to packages of CodeArtifact in other accounts"
}

resource "aws_cloudwatch_event_bus_policy" "events" {
  count          = length(aws_cloudwatch_event_bus.events)
  event_bus_name = aws_cloudwatch_event_bus.events[0].name
  policy         = data.aws_iam_policy_document.event_bus[0].json
}

data "aws_iam_policy_document" "event_bus" {
  count = length(aws_cloudwatch_event_bus.events)

  # The accounts whose domains are read tell of them: AWS tells an owner of all repositories of a domain. What else they
  # may send no rule here waits for.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
  statement {
    sid       = "TakeEvents"
    actions   = ["events:PutEvents"]
    resources = [aws_cloudwatch_event_bus.events[0].arn]

    principals {
      type        = "AWS"
      identifiers = [for owner in local.owners : "arn:${local.partition}:iam::${owner}:root"]
    }
  }
}
