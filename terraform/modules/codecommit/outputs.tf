output "codecommit" {
  description = "What was deployed for CodeCommit: the state machine, the schedule, the regions, the functions with their roles and log groups, and of events, where they are heard, the queue and the bus to which other accounts and regions send theirs."
  value = merge(module.source.deployed, {
    regions   = local.regions
    functions = merge(module.source.deployed.functions, { for function in module.on_event : "on_event" => function.function })
    events = one([for on_event in module.on_event : {
      bus_arn      = one(concat(aws_cloudwatch_event_bus.events[*].arn, local.elsewhere ? [] : [local.own_bus_arn]))
      queue        = on_event.queue
      dead_letters = on_event.dead_letters
    }])
  })
}

output "observed" {
  description = "What the module observability needs to watch over this source."
  value = merge(module.source.observed, {
    events = one([for on_event in module.on_event : { dead_letters = on_event.dead_letters }])
  })
}
