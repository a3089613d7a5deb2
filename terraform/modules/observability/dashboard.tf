resource "aws_cloudwatch_dashboard" "overview" {
  count          = local.has_dashboard ? 1 : 0
  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = flatten([values(local.widgets), values(local.file_system_widgets)]) })
}

locals {
  has_dashboard = length(var.sources) > 0 || var.efs != null

  # One row for each source.
  widgets = {
    for source, it in var.sources : source => [
      {
        type  = "metric"
        width = 6
        properties = {
          title  = "${source}: hours since the last success"
          region = local.region
          stat   = "Maximum"
          period = 24 * 3600
          metrics = [
            ["Holdfast", "HoursSinceSuccess", "service", it.service, "source", source],
          ]
          annotations = {
            horizontal = [{ label = "stale", value = it.interval_hours + it.margin_hours }]
          }
        }
      },
      {
        type  = "metric"
        width = 6
        properties = {
          title  = "${source}: runs"
          region = local.region
          stat   = "Sum"
          period = 24 * 3600
          metrics = [
            for metric in concat(["ExecutionsStarted", "ExecutionsSucceeded"], values(local.bad_ends)) :
            ["AWS/States", metric, "StateMachineArn", it.state_machine.arn]
          ]
        }
      },
      {
        type  = "metric"
        width = 6
        properties = {
          title  = "${source}: what the runs say"
          region = local.region
          view   = "timeSeries"
          period = 24 * 3600
          # Whatever the functions publish, without naming it here a second time.
          metrics = [[{ expression = "SEARCH('{Holdfast,service,source} service=\"${it.service}\"', 'Sum')" }]]
        }
      },
      {
        type  = "metric"
        width = 6
        properties = {
          title  = "${source}: errors of functions, dead letters"
          region = local.region
          period = 24 * 3600
          stat   = "Sum"
          metrics = concat(
            [
              for step in concat(local.functions, it.events == null ? [] : ["on-event"]) :
              ["AWS/Lambda", "Errors", "FunctionName", "${it.service}-${step}"]
            ],
            [
              for queue in concat([it.dead_letters], it.events == null ? [] : [it.events.dead_letters]) :
              ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.name]
            ],
          )
        }
      },
    ]
  }

  functions = ["inventory", "backup", "report", "retention", "drill", "freshness"]
}
