locals {
  drilled_sources = { for source, it in var.sources : source => it if it.drills != null }
}

# Also raised when nothing is drilled any more, by what asks for the last drill that came to its end.
resource "aws_cloudwatch_metric_alarm" "drill_overdue" {
  for_each            = local.drilled_sources
  alarm_name          = "${each.value.drills.name}-overdue"
  alarm_description   = "No drill of ${each.key} has come to its end for longer than it may take: that its snapshots restore is not proven any more."
  namespace           = "Holdfast"
  metric_name         = "HoursSinceDrill"
  dimensions          = { service = each.value.service, source = each.key }
  statistic           = "Maximum"
  period              = 24 * 3600
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.drills.interval_hours + 7 * 24
  evaluation_periods  = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.notifications.arn]
  ok_actions          = [aws_sns_topic.notifications.arn]

  # The first check comes first, else the alarm begins by missing it.
  depends_on = [aws_scheduler_schedule.freshness]
}

# Stays raised until a drill finds nothing.
resource "aws_cloudwatch_metric_alarm" "drill_findings" {
  for_each            = local.drilled_sources
  alarm_name          = "${each.value.drills.name}-findings"
  alarm_description   = "The last drill of ${each.key} found snapshots that do not restore, or a vault that does not agree with its chain of reports. Its notification names them."
  namespace           = "Holdfast"
  metric_name         = "DrillFindings"
  dimensions          = { service = each.value.service, source = each.key }
  statistic           = "Maximum"
  period              = 3600
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  # Between two drills nothing is published.
  treat_missing_data = "ignore"
  alarm_actions      = [aws_sns_topic.notifications.arn]
  ok_actions         = [aws_sns_topic.notifications.arn]
}
