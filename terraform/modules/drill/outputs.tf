output "function" {
  description = "The function; see the module function."
  value       = module.function.function
}

output "state_machine" {
  description = "The state machine: its ARN and its name."
  value = {
    arn  = aws_sfn_state_machine.drill.arn
    name = aws_sfn_state_machine.drill.name
  }
}
