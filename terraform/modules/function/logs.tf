resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.function.name}"
  retention_in_days = var.platform.log_retention_days
  kms_key_id        = var.platform.log_key_arn
}
