mock_provider "aws" {
  source = "../../tests/mocks"

  override_resource {
    target = aws_sqs_queue.events
    values = { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-codecommit-events", url = "https://sqs.eu-central-1.amazonaws.com/123456789012/events" }
  }
  override_resource {
    target = aws_sqs_queue.dead_letters
    values = { arn = "arn:aws:sqs:eu-central-1:123456789012:holdfast-codecommit-events-dead-letters", url = "https://sqs.eu-central-1.amazonaws.com/123456789012/dead" }
  }
}

variables {
  name       = "holdfast-codecommit"
  rule_arns  = ["arn:aws:events:eu-central-1:123456789012:rule/pushes", "arn:aws:events:eu-central-1:123456789012:rule/deletions"]
  batch_size = 100
  build      = { name = "holdfast-codecommit", start_policy = "{}" }
  function = {
    description  = "Backs up what events name"
    package      = "../../tests/artifacts/functions/on-event.zip"
    memory_mb    = 1024
    ephemeral_mb = 512
    environment  = { HOLDFAST_SOURCE = "codecommit" }
    policies     = {}
  }
  platform = {
    runtime            = "nodejs22.x"
    architecture       = "arm64"
    layers             = ["arn:aws:lambda:eu-central-1:123456789012:layer:holdfast-core:1"]
    log_retention_days = 90
  }
}

run "queues_events_in_safety" {
  assert {
    condition     = aws_sqs_queue.events.sqs_managed_sse_enabled && aws_sqs_queue.dead_letters.sqs_managed_sse_enabled
    error_message = "encrypted"
  }
  assert {
    condition = alltrue([
      for document in values(data.aws_iam_policy_document.queue) : anytrue([
        for statement in document.statement :
        statement.effect == "Deny" && anytrue([for condition in statement.condition : condition.variable == "aws:SecureTransport" && condition.values == tolist(["false"])])
      ])
    ]) && keys(data.aws_iam_policy_document.queue) == ["dead_letters", "events"]
    error_message = "by TLS only"
  }
  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.queue["events"].statement : [for condition in statement.condition : tolist(condition.values)] if statement.effect != "Deny"
    ])) == toset(var.rule_arns)
    error_message = "from these rules only"
  }
  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.queue["dead_letters"].statement : statement.effect == "Deny"])
    error_message = "and into the queue of dead letters from SQS alone"
  }
  assert {
    condition     = jsondecode(aws_sqs_queue.events.redrive_policy) == { deadLetterTargetArn = aws_sqs_queue.dead_letters.arn, maxReceiveCount = 5 }
    error_message = "what failed five times is set apart"
  }
  assert {
    condition     = aws_sqs_queue.dead_letters.message_retention_seconds > aws_sqs_queue.events.message_retention_seconds
    error_message = "where its age goes on counting"
  }
}

run "gathers_events_and_gives_them_time" {
  assert {
    condition = alltrue([
      aws_lambda_event_source_mapping.events.batch_size == 100,
      aws_lambda_event_source_mapping.events.maximum_batching_window_in_seconds == 60,
      aws_lambda_event_source_mapping.events.function_response_types == toset(["ReportBatchItemFailures"]),
      aws_lambda_event_source_mapping.events.scaling_config[0].maximum_concurrency == 2,
    ])
    error_message = "many at once, each of which can fail alone"
  }
  assert {
    condition     = aws_sqs_queue.events.visibility_timeout_seconds == 60 + output.function.timeout_seconds + 300 && output.function.timeout_seconds == 900
    error_message = "no other function gets an event while one handles it, and soon after a failure it comes again"
  }
  assert {
    condition     = aws_lambda_event_source_mapping.events.function_name == output.function.arn
    error_message = "by the alias"
  }
}

run "takes_events_and_starts_builds_of_its_own_project" {
  assert {
    condition = [for statement in data.aws_iam_policy_document.function.statement : [statement.actions, statement.resources]] == [
      [toset(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]), toset([aws_sqs_queue.events.arn])],
    ]
    error_message = "and does nothing else with queues and builds"
  }
  assert {
    condition     = output.function.name == "holdfast-codecommit-on-event" && output.queue.name == "holdfast-codecommit-events"
    error_message = "under its name"
  }
}
