output "github" {
  description = "What was deployed for GitHub: the state machine, the schedule, the secret's name, and the functions with their roles and log groups."
  value       = merge(module.source.deployed, { secret_name = data.aws_secretsmanager_secret.github.name })
}

output "observed" {
  description = "What the module observability needs to watch over this source."
  value       = module.source.observed
}
