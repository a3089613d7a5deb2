output "deployed" {
  description = "What was deployed: the state machine, the schedule, the queue of what could not be delivered, the project, and the functions with their roles and log groups; retention among them unless another account owns the vault."
  value = {
    state_machine = module.pipeline.state_machine
    schedule      = module.pipeline.schedule
    dead_letters  = module.pipeline.dead_letters
    build         = module.codebuild.build
    functions = merge({
      inventory = module.inventory.function
      backup    = module.backup.function
      report    = module.report.function
      }, { for function in module.retention : "retention" => function.function },
    { for drill in module.drill : "drill" => drill.function })
    drills = one(module.drill[*].state_machine)
  }
}

output "name" {
  description = "What everything here is called."
  value       = local.name
}

output "environment" {
  description = "The environment of all functions of the source, for its additional functions."
  value       = local.environment
}

output "policies" {
  description = "What functions that a source has beside these may do, as JSON by name: back up, and notify."
  value = {
    backup = local.policies.backup
    notify = data.aws_iam_policy_document.notify.json
  }
}

output "observed" {
  description = "What the module observability needs to watch over this source."
  value = {
    service        = local.name
    state_machine  = module.pipeline.state_machine
    dead_letters   = module.pipeline.dead_letters
    interval_hours = local.interval_hours
    margin_hours   = var.run.margin_hours
    drills         = one([for drill in module.drill : merge(drill.state_machine, { interval_hours = var.run.drill.interval_hours })])
  }

  precondition {
    condition     = local.interval_hours != null
    error_message = "It does not follow from ${var.source_name}.schedule.expression how often runs are due: set ${var.source_name}.interval_hours."
  }
}
