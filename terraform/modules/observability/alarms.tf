# Shows on the console, and sends nothing: the rule does, or the report did.
resource "aws_cloudwatch_metric_alarm" "executions" {
  for_each            = var.sources
  alarm_name          = "${each.value.state_machine.name}-execution-failed"
  alarm_description   = "A run over ${each.key} failed, timed out or was aborted."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "all"
    expression  = join(" + ", [for id in keys(local.bad_ends) : "FILL(${id}, 0)"])
    label       = "Runs that did not end well"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.bad_ends

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/States"
        metric_name = metric_query.value
        period      = 300
        stat        = "Sum"
        dimensions  = { StateMachineArn = each.value.state_machine.arn }
      }
    }
  }
}

locals {
  bad_ends = { failed = "ExecutionsFailed", timedout = "ExecutionsTimedOut", aborted = "ExecutionsAborted" }
}

# Shows on the console, and sends nothing: the report did.
resource "aws_cloudwatch_metric_alarm" "items" {
  for_each            = var.sources
  alarm_name          = "${each.value.state_machine.name}-items-failed"
  alarm_description   = "A run over ${each.key} could not back up all items. Its report says which and why."
  namespace           = "Holdfast"
  metric_name         = "ItemsFailed"
  dimensions          = { service = each.value.service, source = each.key }
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  for_each            = var.sources
  alarm_name          = "${each.value.state_machine.name}-dead-letters"
  alarm_description   = "Something about ${each.key} could not be delivered: a run that did not start, a check that failed, a notification. The queue holds it for 14 days."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = each.value.dead_letters.name }
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  # A queue that was not used for a while publishes nothing.
  treat_missing_data = "notBreaching"
  alarm_actions      = [aws_sns_topic.notifications.arn]
  ok_actions         = [aws_sns_topic.notifications.arn]
}

resource "aws_cloudwatch_metric_alarm" "event_dead_letters" {
  for_each            = local.sources_with_events
  alarm_name          = "${each.value.state_machine.name}-events-dead-letters"
  alarm_description   = "Events of ${each.key} failed several times. The next run catches up with them; the queue holds them for 14 days."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = each.value.events.dead_letters.name }
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  # A queue that was not used for a while publishes nothing.
  treat_missing_data = "notBreaching"
  alarm_actions      = [aws_sns_topic.notifications.arn]
  ok_actions         = [aws_sns_topic.notifications.arn]
}

locals {
  sources_with_events = { for source, it in var.sources : source => it if it.events != null }
}

# The alarm that does not depend on anything having happened: it is raised also when nothing runs any more.
resource "aws_cloudwatch_metric_alarm" "freshness" {
  for_each            = var.sources
  alarm_name          = "${each.value.state_machine.name}-stale"
  alarm_description   = "No run over ${each.key} has succeeded for longer than it may take, or the check does not run."
  namespace           = "Holdfast"
  metric_name         = "HoursSinceSuccess"
  dimensions          = { service = each.value.service, source = each.key }
  statistic           = "Maximum"
  period              = 24 * 3600
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.interval_hours + each.value.margin_hours
  evaluation_periods  = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.notifications.arn]
  ok_actions          = [aws_sns_topic.notifications.arn]

  # The first check comes first, else the alarm begins by missing it.
  depends_on = [aws_scheduler_schedule.freshness]
}
