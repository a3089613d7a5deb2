# Notifies of every run that ended before it could report. One that failed after its report, and by what that says, has
# notified already.
resource "aws_cloudwatch_event_rule" "executions" {
  for_each    = var.sources
  name        = "${each.value.state_machine.name}-not-well"
  description = "Runs over ${each.key} that failed without a report, timed out or were aborted"

  # The items of a map are executions, too, but of another ARN: they are the report's business.
  event_pattern = jsonencode({
    source        = ["aws.states"]
    "detail-type" = ["Step Functions Execution Status Change"]
    detail = {
      stateMachineArn = [each.value.state_machine.arn]
      "$or" = [
        { status = ["TIMED_OUT", "ABORTED"] },
        # The last step fails an execution by these names once its report is stored and sent.
        { status = ["FAILED"], error = [{ "anything-but" = ["PartialRun", "FailedRun"] }] },
        # An execution need not say by what it failed.
        { status = ["FAILED"], error = [{ exists = false }] },
        { status = ["FAILED"], error = [null] },
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "executions" {
  for_each  = var.sources
  rule      = aws_cloudwatch_event_rule.executions[each.key].name
  target_id = "notifications"
  arn       = aws_sns_topic.notifications.arn

  input_transformer {
    input_paths = {
      execution = "$.detail.executionArn"
      status    = "$.detail.status"
      time      = "$.time"
    }
    # In quotes of its own: jsonencode would write the angle brackets as escapes.
    input_template = "\"${join(" ", [
      "Holdfast: the run over ${each.key} ended at <time> as <status>.",
      "If it came as far as its report, that says what was stored and what was not.",
      "The execution: ${local.console}/states/home?region=${local.region}#/v2/executions/details/<execution>",
    ])}\""
  }

  # What cannot be delivered raises the alarm on the queue.
  dead_letter_config {
    arn = each.value.dead_letters.arn
  }
}
