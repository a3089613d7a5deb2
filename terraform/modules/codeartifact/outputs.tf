output "codeartifact" {
  description = "What was deployed for CodeArtifact: the state machine, the schedule, the regions, the functions with their roles and log groups, and of events, where they are heard, the queue and the buses to which this account's other regions and other accounts send theirs."
  value = merge(module.source.deployed, {
    regions   = local.regions
    functions = merge(module.source.deployed.functions, { for function in module.on_event : "on_event" => function.function })
    events = one([for queue in aws_sqs_queue.events : {
      region_bus_arn  = "arn:${local.partition}:events:${local.region}:${local.account}:event-bus/default"
      account_bus_arn = one(aws_cloudwatch_event_bus.events[*].arn)
      queue           = { arn = queue.arn, name = queue.name, url = queue.url }
      dead_letters    = { arn = aws_sqs_queue.event_dead_letters[0].arn, name = aws_sqs_queue.event_dead_letters[0].name }
    }])
  })
}

output "observed" {
  description = "What the module observability needs to watch over this source."
  value = merge(module.source.observed, {
    events = one([for queue in aws_sqs_queue.event_dead_letters : {
      dead_letters = { arn = queue.arn, name = queue.name }
    }])
  })
}
