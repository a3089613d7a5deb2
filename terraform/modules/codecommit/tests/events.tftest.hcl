mock_provider "aws" {
  source = "../../tests/mocks"

  override_resource {
    target = module.on_event[0].aws_sqs_queue.events
    values = { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-codecommit-events", url = "https://sqs.eu-central-1.amazonaws.com/123456789012/events" }
  }
  override_resource {
    target = module.on_event[0].aws_sqs_queue.dead_letters
    values = { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-codecommit-events-dead-letters", url = "https://sqs.eu-central-1.amazonaws.com/123456789012/dead" }
  }
  override_resource {
    target = aws_cloudwatch_event_rule.events["pushes"]
    values = { arn = "arn:aws:events:eu-central-1:123456789012:rule/holdfast-codecommit-pushes" }
  }
  override_resource {
    target = aws_cloudwatch_event_rule.events["deletions"]
    values = { arn = "arn:aws:events:eu-central-1:123456789012:rule/holdfast-codecommit-deletions" }
  }
}

variables {
  name       = "holdfast"
  codecommit = { events = true, backup = { memory_mb = 1024 } }
  vault      = { bucket = "vault", arn = "arn:aws:s3:::vault" }
  artifacts  = "../../tests/artifacts"
  notifications = {
    topic_arn = "arn:aws:sns:eu-central-1:123456789012:holdfast-notifications"
    key_arn   = "arn:aws:kms:eu-central-1:123456789012:key/notifications"
  }
  platform = {
    runtime            = "nodejs22.x"
    architecture       = "arm64"
    layers             = ["arn:aws:lambda:eu-central-1:123456789012:layer:holdfast-core:1"]
    log_retention_days = 90
  }
}

run "hears_of_pushes_and_deletions" {
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.events["pushes"].event_pattern) == {
      region        = ["eu-central-1"]
      source        = ["aws.codecommit"]
      "detail-type" = ["CodeCommit Repository State Change"]
      detail        = { event = ["referenceCreated", "referenceUpdated", "referenceDeleted"] }
    }
    error_message = "of all that changes refs, and of no comments"
  }
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.events["deletions"].event_pattern) == {
      region        = ["eu-central-1"]
      source        = ["aws.codecommit"]
      "detail-type" = ["AWS API Call via CloudTrail"]
      detail        = { eventSource = ["codecommit.amazonaws.com"], eventName = ["DeleteRepository"], errorCode = [{ exists = false }] }
    }
    error_message = "and of deletions that succeeded"
  }
  assert {
    condition     = alltrue([for target in values(aws_cloudwatch_event_target.events) : target.arn == module.on_event[0].queue.arn]) && length(aws_cloudwatch_event_target.events) == 2
    error_message = "both come into the queue"
  }
  assert {
    condition     = alltrue([for target in values(aws_cloudwatch_event_target.events) : target.dead_letter_config[0].arn == output.codecommit.dead_letters.arn])
    error_message = "and what does not get there is kept"
  }
}

run "hears_of_the_other_accounts_alone_where_it_backs_up_those" {
  variables {
    codecommit = { events = true, roles = [{ arn = "arn:aws:iam::210987654321:role/reader" }] }
  }

  assert {
    condition     = alltrue([for rule in values(aws_cloudwatch_event_rule.events) : jsondecode(rule.event_pattern).account == ["210987654321"]])
    error_message = "since it can read no others"
  }
  assert {
    condition     = alltrue([for rule in values(aws_cloudwatch_event_rule.events) : rule.event_bus_name == "holdfast-codecommit"]) && alltrue([for target in values(aws_cloudwatch_event_target.events) : target.event_bus_name == "holdfast-codecommit"])
    error_message = "on its own bus"
  }
  assert {
    condition = [for statement in data.aws_iam_policy_document.event_bus[0].statement : [statement.actions, one(statement.principals).identifiers, statement.resources]] == [
      [toset(["events:PutEvents"]), toset(["arn:aws:iam::210987654321:root"]), toset([aws_cloudwatch_event_bus.events[0].arn])]
    ]
    error_message = "to which only they may send"
  }
  assert {
    condition     = output.codecommit.events.bus_arn == aws_cloudwatch_event_bus.events[0].arn
    error_message = "which the output gives them"
  }
}

run "hears_of_other_regions_that_send_their_events" {
  variables {
    codecommit = { events = true, regions = ["eu-central-1", "us-east-1"] }
  }

  assert {
    condition     = alltrue([for rule in values(aws_cloudwatch_event_rule.events) : jsondecode(rule.event_pattern).region == ["eu-central-1", "us-east-1"]])
    error_message = "if they are backed up"
  }
  assert {
    condition     = length(aws_cloudwatch_event_bus.events) == 0 && output.codecommit.events.bus_arn == "arn:aws:events:eu-central-1:123456789012:event-bus/default"
    error_message = "on the account's own bus"
  }
}

run "is_watched" {
  assert {
    condition     = output.codecommit.functions["on_event"].name == "holdfast-codecommit-on-event"
    error_message = "the function has its name"
  }
  assert {
    condition     = output.observed.events.dead_letters == { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-codecommit-events-dead-letters", name = "holdfast-codecommit-events-dead-letters" }
    error_message = "what could not be dealt with raises an alarm"
  }
  assert {
    condition     = output.codecommit.events.queue.name == "holdfast-codecommit-events"
    error_message = "and the queue is known"
  }
}
