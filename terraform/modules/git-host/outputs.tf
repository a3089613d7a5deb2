output "deployed" {
  description = "What was deployed for the host: the state machine, the schedule, the secret's name, and the functions with their roles and log groups."
  value       = merge(module.source.deployed, { secret_name = data.aws_secretsmanager_secret.settings.name })
}

output "observed" {
  description = "What the module observability needs to watch over this source."
  value       = module.source.observed
}
