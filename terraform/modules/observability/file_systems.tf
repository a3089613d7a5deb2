# What watches over EFS: an alarm on what could not be delivered, alarms on backups that failed or stay out, and a row of
# the dashboard for each file system.
locals {
  file_systems = var.efs == null ? {} : var.efs.file_systems
  scheduled    = { for name, it in local.file_systems : name => it if it.is_scheduled }
}

resource "aws_cloudwatch_metric_alarm" "efs_dead_letters" {
  count               = var.efs == null ? 0 : 1
  alarm_name          = "${var.efs.service}-dead-letters"
  alarm_description   = "Something about efs could not be delivered or dealt with: a start, an event of an instance, a reminder. The queue holds it for 14 days."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = var.efs.dead_letters.name }
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

resource "aws_cloudwatch_metric_alarm" "file_system_failed" {
  for_each            = local.file_systems
  alarm_name          = "${var.efs.service}-${each.key}-failed"
  alarm_description   = "A backup of ${each.value.source_id} (${each.key}) did not end well. Its notification says why."
  namespace           = "Holdfast"
  metric_name         = "Failed"
  dimensions          = { service = var.efs.service, fileSystem = each.key }
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.notifications.arn]
}

# The alarm that does not depend on anything having happened: it is raised also when nothing runs any more.
resource "aws_cloudwatch_metric_alarm" "file_system_stale" {
  for_each            = local.scheduled
  alarm_name          = "${var.efs.service}-${each.key}-stale"
  alarm_description   = "No backup of ${each.value.source_id} (${each.key}) has succeeded for longer than it may take, or the check does not run."
  namespace           = "Holdfast"
  metric_name         = "HoursSinceSuccess"
  dimensions          = { service = var.efs.service, fileSystem = each.key }
  statistic           = "Maximum"
  period              = 6 * 3600
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.stale_hours
  evaluation_periods  = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.notifications.arn]
  ok_actions          = [aws_sns_topic.notifications.arn]
}

locals {
  file_system_widgets = {
    for name, it in local.file_systems : name => [
      {
        type  = "metric"
        width = 6
        properties = {
          title   = "efs/${name}: hours since the last success"
          region  = local.region
          stat    = "Maximum"
          period  = 24 * 3600
          metrics = [["Holdfast", "HoursSinceSuccess", "service", var.efs.service, "fileSystem", name]]
          annotations = {
            horizontal = [{ label = "stale", value = it.stale_hours }]
          }
        }
      },
      {
        type  = "metric"
        width = 6
        properties = {
          title  = "efs/${name}: duration, bytes, files of backups"
          region = local.region
          view   = "timeSeries"
          stat   = "Maximum"
          period = 24 * 3600
          metrics = [
            ["Holdfast", "BackupDuration", "service", var.efs.service, "fileSystem", name],
            ["Holdfast", "Bytes", "service", var.efs.service, "fileSystem", name, { yAxis = "right" }],
            ["Holdfast", "BytesTransferred", "service", var.efs.service, "fileSystem", name, { yAxis = "right" }],
            ["Holdfast", "Files", "service", var.efs.service, "fileSystem", name, { yAxis = "right" }],
            ["Holdfast", "FilesTransferred", "service", var.efs.service, "fileSystem", name, { yAxis = "right" }],
          ]
        }
      },
      {
        type  = "metric"
        width = 6
        properties = {
          title  = "efs/${name}: burst credits and throughput"
          region = local.region
          period = 3600
          metrics = [
            for pair in setproduct([it.source_id, it.vault_id], ["BurstCreditBalance", "PermittedThroughput"]) :
            ["AWS/EFS", pair[1], "FileSystemId", pair[0], { stat = "Minimum", yAxis = pair[1] == "BurstCreditBalance" ? "left" : "right" }]
          ]
        }
      },
      {
        type  = "metric"
        width = 6
        properties = {
          title  = "efs/${name}: backups that succeeded and failed, errors, dead letters"
          region = local.region
          stat   = "Sum"
          period = 24 * 3600
          metrics = [
            ["Holdfast", "Succeeded", "service", var.efs.service, "fileSystem", name],
            ["Holdfast", "Failed", "service", var.efs.service, "fileSystem", name],
            ["AWS/Lambda", "Errors", "FunctionName", var.efs.function],
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.efs.dead_letters.name],
          ]
        }
      },
    ]
  }
}
