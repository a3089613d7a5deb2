data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  place     = "${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}"
  # Put together here because the role of the state machine must name it before it is there.
  state_machine_arn = "arn:${local.partition}:states:${local.place}:stateMachine:${var.pipeline.name}"
  # Names the map's part in the ARNs of its executions.
  map_label = "items"
}

resource "aws_sfn_state_machine" "run" {
  name       = var.pipeline.name
  type       = "STANDARD"
  role_arn   = aws_iam_role.state_machine.arn
  definition = jsonencode(local.definition)

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = true
    log_destination        = "${aws_cloudwatch_log_group.executions.arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  # Step Functions tries at once whether it may log and trace.
  depends_on = [aws_iam_role_policy.state_machine]
}

# Log groups by this prefix are not counted in the resource policy that Step Functions keeps, whose size is limited.
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
resource "aws_cloudwatch_log_group" "executions" {
  name              = "/aws/vendedlogs/states/${var.pipeline.name}"
  retention_in_days = var.log.retention_days
  kms_key_id        = var.log.key_arn
}
