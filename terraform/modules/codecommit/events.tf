# Backs up a repository within minutes of a push. Events are hints that may get lost: the schedule catches what they
# missed. They are raised in the account and the region of their repository; those of others come where the module
# codecommit-events sends them.
locals {
  # Only of what is backed up: of the other accounts where there are any, and of none of this one then.
  event_places = merge({ region = local.regions }, { for field, accounts in { account = local.accounts } : field => accounts if local.elsewhere })

  event_rules = { for name, rule in local.all_event_rules : name => rule if var.codecommit.events }
  all_event_rules = {
    # https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html
    pushes = {
      description = "Something was pushed to a repository"
      pattern = jsonencode(merge(local.event_places, {
        source        = ["aws.codecommit"]
        "detail-type" = ["CodeCommit Repository State Change"]
        detail        = { event = ["referenceCreated", "referenceUpdated", "referenceDeleted"] }
      }))
    }
    # CodeCommit itself tells of no deletion. CloudTrail does, where a trail logs the management events of the region.
    # https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-codecommit.html
    deletions = {
      description = "A repository was deleted"
      pattern = jsonencode(merge(local.event_places, {
        source        = ["aws.codecommit"]
        "detail-type" = ["AWS API Call via CloudTrail"]
        detail = {
          eventSource = ["codecommit.amazonaws.com"]
          eventName   = ["DeleteRepository"]
          errorCode   = [{ exists = false }]
        }
      }))
    }
  }
}

resource "aws_cloudwatch_event_rule" "events" {
  for_each      = local.event_rules
  name          = "${local.name}-${each.key}"
  description   = each.value.description
  event_pattern = each.value.pattern
  # Null for the account's own, on which AWS tells of the account itself.
  event_bus_name = one(aws_cloudwatch_event_bus.events[*].name)
}

resource "aws_cloudwatch_event_target" "events" {
  for_each       = local.event_rules
  event_bus_name = aws_cloudwatch_event_rule.events[each.key].event_bus_name
  rule           = aws_cloudwatch_event_rule.events[each.key].name
  target_id      = "events"
  arn            = module.on_event[0].queue.arn

  # What cannot even be queued raises the alarm on the pipeline's queue.
  dead_letter_config {
    arn = module.source.deployed.dead_letters.arn
  }
}
