locals {
  # Said here because the queue must know it before the function, which is granted the queue, is there.
  on_event_seconds = 900

  # The project takes what does not fit a Lambda; the topic is told of repositories that were deleted.
  on_event_environment = merge(module.source.environment, {
    HOLDFAST_PROJECT = module.source.deployed.build.name
    HOLDFAST_TOPIC   = var.notifications.topic_arn
  })
}

module "on_event" {
  source   = "../function"
  count    = var.codecommit.events ? 1 : 0
  platform = var.platform

  function = {
    name            = "${local.name}-on-event"
    description     = "Backs up the repositories that events of the source codecommit name"
    package         = "${var.artifacts}/functions/on-event.zip"
    timeout_seconds = local.on_event_seconds
    memory_mb       = var.codecommit.backup.memory_mb
    ephemeral_mb    = var.codecommit.backup.ephemeral_mb
    environment     = local.on_event_environment
    policies = merge(module.source.policies.backup, {
      events = data.aws_iam_policy_document.on_event[0].json
      notify = module.source.policies.notify
    })
  }
}

resource "aws_lambda_event_source_mapping" "events" {
  count            = var.codecommit.events ? 1 : 0
  event_source_arn = aws_sqs_queue.events[0].arn
  function_name    = module.on_event[0].function.arn

  batch_size                         = 100
  maximum_batching_window_in_seconds = local.gathering_seconds
  # One event that fails does not bring back the others of its batch.
  function_response_types = ["ReportBatchItemFailures"]

  # As few as Lambda knows: pushes that wait for their turn fall into one batch, and repositories are read gently.
  scaling_config {
    maximum_concurrency = 2
  }
}

data "aws_iam_policy_document" "on_event" {
  count = var.codecommit.events ? 1 : 0

  # Lambda takes events from the queue by the function's role, and takes away those that are done.
  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  statement {
    sid       = "TakeEvents"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.events[0].arn]
  }

  # Hands over what does not fit a Lambda, and does not wait for it.
  statement {
    sid       = "StartBuilds"
    actions   = ["codebuild:StartBuild"]
    resources = [module.source.deployed.build.arn]
  }
}
