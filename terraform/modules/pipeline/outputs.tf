output "state_machine" {
  description = "The state machine: its ARN, its name and its log group."
  value = {
    arn       = aws_sfn_state_machine.run.arn
    name      = aws_sfn_state_machine.run.name
    log_group = aws_cloudwatch_log_group.executions.name
  }
}

output "dead_letters" {
  description = "The queue of what could not be delivered: its ARN and its name."
  value = {
    arn  = aws_sqs_queue.dead_letters.arn
    name = aws_sqs_queue.dead_letters.name
  }
}

output "schedule" {
  description = "The schedule: its name, its group, the interval between runs in hours where its expression tells, and when it starts runs, in words."
  value = {
    name           = aws_scheduler_schedule.run.name
    group          = aws_scheduler_schedule.run.group_name
    interval_hours = local.interval_hours
    words          = local.schedule_words
  }
}
