# Deals with events of a source: a queue that gathers them, the function that takes them from it, and a queue for those
# that could not be dealt with.
locals {
  # How long events are gathered, so that all of one item come in one batch, and are one look at it.
  gathering_seconds = 60
  # Said here because the queue must know it before the function, which is granted the queue, is there.
  function_seconds = 900
}

module "function" {
  source   = "../function"
  platform = var.platform

  function = {
    name            = "${var.name}-on-event"
    description     = var.function.description
    package         = var.function.package
    timeout_seconds = local.function_seconds
    memory_mb       = var.function.memory_mb
    ephemeral_mb    = var.function.ephemeral_mb
    # The project takes what does not fit a Lambda.
    environment = merge(var.function.environment, { HOLDFAST_PROJECT = var.build.name })
    policies = merge(var.function.policies, {
      events = data.aws_iam_policy_document.function.json
      # Hands over what does not fit a Lambda, and does not wait for it.
      build = var.build.start_policy
    })
  }
}

resource "aws_lambda_event_source_mapping" "events" {
  event_source_arn = aws_sqs_queue.events.arn
  function_name    = module.function.function.arn

  batch_size                         = var.batch_size
  maximum_batching_window_in_seconds = local.gathering_seconds
  # One event that fails does not bring back the others of its batch.
  function_response_types = ["ReportBatchItemFailures"]

  # As few as Lambda knows: events that wait for their turn fall into one batch, and the source is read gently.
  scaling_config {
    maximum_concurrency = 2
  }
}

data "aws_iam_policy_document" "function" {
  # Lambda takes events from the queue by the function's role, and takes away those that are done.
  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  statement {
    sid       = "TakeEvents"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.events.arn]
  }
}
