output "github" {
  description = "What was deployed for GitHub: the state machine, the schedule, the secret's name, and the functions with their roles and log groups."
  value = {
    state_machine = module.pipeline.state_machine
    schedule      = module.pipeline.schedule
    dead_letters  = module.pipeline.dead_letters
    secret_name   = data.aws_secretsmanager_secret.github.name
    build         = module.codebuild.build
    functions = {
      inventory = module.inventory.function
      backup    = module.backup.function
      report    = module.report.function
      retention = module.retention.function
    }
  }
}

output "observed" {
  description = "What the module observability needs to watch over this source."
  value = {
    service        = local.name
    state_machine  = module.pipeline.state_machine
    dead_letters   = module.pipeline.dead_letters
    interval_hours = local.interval_hours
    margin_hours   = var.github.margin_hours
  }

  precondition {
    condition     = local.interval_hours != null
    error_message = "It does not follow from github.schedule.expression how often runs are due: set github.interval_hours."
  }
}
