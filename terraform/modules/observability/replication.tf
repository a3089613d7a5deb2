# S3 copies by itself and does not report what it could not copy.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
locals {
  replication_alarms = {
    failed = {
      description = "S3 could not copy objects of the vault to the bucket ${try(var.replication.destination_bucket, "")}: they are stored once only. Their x-amz-replication-status is FAILED; S3 Batch Replication copies them later."
      metric      = "OperationsFailedReplication"
      statistic   = "Sum"
      threshold   = 0
    }
    # Minutes are usual, and a large object takes hours.
    late = {
      description = "The copies of the vault in the bucket ${try(var.replication.destination_bucket, "")} are more than 12 hours behind."
      metric      = "ReplicationLatency"
      statistic   = "Maximum"
      threshold   = 12 * 3600
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "replication" {
  for_each            = { for name, alarm in local.replication_alarms : name => alarm if var.replication != null }
  alarm_name          = "${var.name}-replication-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/S3"
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = 1
  # Nothing is measured while there is nothing to copy.
  treat_missing_data = "notBreaching"
  alarm_actions      = [aws_sns_topic.notifications.arn]
  ok_actions         = [aws_sns_topic.notifications.arn]

  dimensions = {
    SourceBucket      = var.replication.source_bucket
    DestinationBucket = var.replication.destination_bucket
    RuleId            = var.replication.rule
  }
}
