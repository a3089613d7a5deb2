output "efs" {
  description = "What was deployed for EFS: the function, the table, the bucket of results and logs, the log group of instances, and each file system with its group, vault, security groups and schedule."
  value = {
    function     = module.orchestrator.function
    table        = aws_dynamodb_table.backups.name
    logs         = aws_s3_bucket.logs.id
    log_group    = aws_cloudwatch_log_group.instances.name
    dead_letters = { arn = aws_sqs_queue.dead_letters.arn, name = aws_sqs_queue.dead_letters.name }
    file_systems = {
      for name, it in var.efs.file_systems : name => merge(module.file_system[name].file_system, {
        schedule = { name = aws_scheduler_schedule.backup[name].name, expression = local.expressions[name], time_zone = it.schedule.time_zone, enabled = it.schedule.enabled }
      })
    }
  }
}

output "observed" {
  description = "What the module observability needs to watch over EFS."
  value = {
    service      = local.name
    function     = module.orchestrator.function.name
    dead_letters = { arn = aws_sqs_queue.dead_letters.arn, name = aws_sqs_queue.dead_letters.name }
    file_systems = {
      for name, it in var.efs.file_systems : name => {
        source_id    = it.source.file_system_id
        vault_id     = module.file_system[name].file_system.vault_id
        stale_hours  = coalesce(it.interval_hours, local.interval_hours[it.interval]) + it.margin_hours
        is_scheduled = it.schedule.enabled
      }
    }
  }
}
