locals {
  # Said here because the queue must know it before the function, which is granted the queue, is there.
  on_event_seconds = 900

  # The project takes what does not fit a Lambda.
  on_event_environment = merge(module.source.environment, { HOLDFAST_PROJECT = module.source.deployed.build.name })
}

module "on_event" {
  source   = "../function"
  count    = var.codeartifact.events ? 1 : 0
  platform = var.platform

  function = {
    name            = "${local.name}-on-event"
    description     = "Backs up the versions that events of the source codeartifact name"
    package         = "${var.artifacts}/functions/on-event.zip"
    timeout_seconds = local.on_event_seconds
    memory_mb       = var.codeartifact.backup.memory_mb
    ephemeral_mb    = var.codeartifact.backup.ephemeral_mb
    environment     = local.on_event_environment
    policies = {
      versions = module.source.policies.backup["versions"]
      vault    = module.source.policies.backup["vault"]
      events   = data.aws_iam_policy_document.on_event[0].json
    }
  }
}

resource "aws_lambda_event_source_mapping" "events" {
  count            = var.codeartifact.events ? 1 : 0
  event_source_arn = aws_sqs_queue.events[0].arn
  function_name    = module.on_event[0].function.arn

  # What an invocation stores in its time, also of large versions.
  batch_size                         = 50
  maximum_batching_window_in_seconds = local.gathering_seconds
  # One event that fails does not bring back the others of its batch.
  function_response_types = ["ReportBatchItemFailures"]

  # As few as Lambda knows: together they use no more than the account's quotas, of which each takes half by default.
  scaling_config {
    maximum_concurrency = 2
  }
}

data "aws_iam_policy_document" "on_event" {
  count = var.codeartifact.events ? 1 : 0

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
