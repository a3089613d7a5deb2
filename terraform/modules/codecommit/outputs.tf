output "codecommit" {
  description = "What was deployed for CodeCommit: the state machine, the schedule, the regions, the functions with their roles and log groups, and the queue of events, where there is one."
  value = {
    state_machine = module.pipeline.state_machine
    schedule      = module.pipeline.schedule
    dead_letters  = module.pipeline.dead_letters
    regions       = local.regions
    build         = module.codebuild.build
    functions = merge({
      inventory = module.inventory.function
      backup    = module.backup.function
      report    = module.report.function
      retention = module.retention.function
    }, { for function in module.on_event : "on_event" => function.function })
    events = one([for queue in aws_sqs_queue.events : {
      queue        = { arn = queue.arn, name = queue.name, url = queue.url }
      dead_letters = { arn = aws_sqs_queue.event_dead_letters[0].arn, name = aws_sqs_queue.event_dead_letters[0].name }
    }])
  }
}

output "observed" {
  description = "What the module observability needs to watch over this source."
  value = {
    service        = local.name
    state_machine  = module.pipeline.state_machine
    dead_letters   = module.pipeline.dead_letters
    interval_hours = local.interval_hours
    margin_hours   = var.codecommit.margin_hours
    events = one([for queue in aws_sqs_queue.event_dead_letters : {
      dead_letters = { arn = queue.arn, name = queue.name }
    }])
  }

  precondition {
    condition     = local.interval_hours != null
    error_message = "It does not follow from codecommit.schedule.expression how often runs are due: set codecommit.interval_hours."
  }
}
