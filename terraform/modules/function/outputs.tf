output "function" {
  description = "The function: its name, the ARN to invoke it by (of the alias live), its role, the ARNs of further aliases, its log group and its timeout."
  value = {
    name            = aws_lambda_function.function.function_name
    arn             = aws_lambda_alias.live.arn
    aliases         = { for name, alias in aws_lambda_alias.further : name => alias.arn }
    role_arn        = aws_iam_role.function.arn
    log_group       = aws_cloudwatch_log_group.function.name
    timeout_seconds = var.function.timeout_seconds
  }

  # A caller of the function needs it with all its permissions.
  depends_on = [aws_iam_role_policy.given]
}
