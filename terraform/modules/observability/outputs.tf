output "topic" {
  description = "The topic of the notifications: its ARN and the ARN of the key that encrypts it."
  value = {
    arn     = aws_sns_topic.notifications.arn
    key_arn = local.key_arn
  }
}

output "checks" {
  description = "The functions that look after freshness, by source."
  value       = { for source, check in module.freshness : source => check.function }
}

output "console" {
  description = "Where people look things up: the console's address, the dashboard, and the state machine of each source."
  value = {
    address   = local.console
    dashboard = !local.has_dashboard ? null : "${local.console}/cloudwatch/home?region=${local.region}#dashboards/dashboard/${var.name}"
    state_machines = {
      for source, it in var.sources : source => "${local.console}/states/home?region=${local.region}#/statemachines/view/${it.state_machine.arn}"
    }
  }
}
