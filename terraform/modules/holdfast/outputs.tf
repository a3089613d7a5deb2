output "vault" {
  description = "The bucket of the vault, which the secrets of Git hosts must name as BACKUP_S3_BUCKET, its page in the console, and for each source the location that --vault takes."
  value = {
    bucket   = module.vault.vault.bucket
    location = "s3://${module.vault.vault.bucket}/"
    locations = merge({
      github       = null
      codecommit   = one([for source in module.codecommit : "s3://${module.vault.vault.bucket}/${var.codecommit.prefix == null ? "" : var.codecommit.prefix}"])
      codeartifact = one([for source in module.codeartifact : "s3://${module.vault.vault.bucket}/${var.codeartifact.prefix == null ? "" : var.codeartifact.prefix}"])
    }, { for name, host in local.git_hosts : name => "s3://${module.vault.vault.bucket}/${host.prefix == null ? "" : host.prefix}" })
    console = "${module.observability.console.address}/s3/buckets/${module.vault.vault.bucket}?region=${data.aws_region.current.id}"
    key_arn = try(module.vault.vault.encryption_key.arn, null)
  }
}

output "notifications" {
  description = "The topic of the notifications; subscribe to it whatever should hear of them besides the e-mail addresses."
  value       = module.observability.topic.arn
}

output "dashboard" {
  description = "The dashboard in the console."
  value       = module.observability.console.dashboard
}

output "github" {
  description = "The source GitHub, as git_hosts says it of others. Null where it is not deployed."
  value       = lookup(local.deployed_git_hosts, "github", null)
}

output "git_hosts" {
  description = "The further Git hosts by their names: when the next run starts, where runs can be watched, and the commands to start one or a drill, to follow what the functions log and to change the settings."
  value       = { for name, host in local.deployed_git_hosts : name => host if name != "github" }
}

locals {
  deployed_git_hosts = { for name, source in module.git_host : name => {
    next_run      = source.deployed.schedule.words
    state_machine = source.deployed.state_machine.arn
    console       = module.observability.console.state_machines[name]
    secret        = source.deployed.secret_name
    commands = merge({
      run_now         = "aws stepfunctions start-execution --region ${data.aws_region.current.id} --state-machine-arn ${source.deployed.state_machine.arn}"
      follow_backups  = "aws logs tail --region ${data.aws_region.current.id} --follow ${source.deployed.functions.backup.log_group}"
      follow_builds   = "aws logs tail --region ${data.aws_region.current.id} --follow ${source.deployed.build.log_group}"
      change_settings = "aws secretsmanager put-secret-value --region ${data.aws_region.current.id} --secret-id ${source.deployed.secret_name} --secret-string file://secret.json"
      list_snapshots  = "aws s3 ls --recursive s3://${module.vault.vault.bucket}/"
    }, { for drill in source.deployed.drills[*] : "drill_now" => "aws stepfunctions start-execution --region ${data.aws_region.current.id} --state-machine-arn ${drill.arn}" })
  } }
}

output "codecommit" {
  description = "The source CodeCommit: when the next run starts, where runs can be watched, which regions are backed up, whether pushes are heard and to which bus other accounts and regions send theirs, and the commands to start a run or a drill and to follow what the functions log. Null where it is not deployed."
  value = one([for source in module.codecommit : {
    next_run      = source.codecommit.schedule.words
    state_machine = source.codecommit.state_machine.arn
    console       = module.observability.console.state_machines["codecommit"]
    regions       = source.codecommit.regions
    events        = source.codecommit.events != null
    event_bus     = try(source.codecommit.events.bus_arn, null)
    commands = merge({
      run_now        = "aws stepfunctions start-execution --region ${data.aws_region.current.id} --state-machine-arn ${source.codecommit.state_machine.arn}"
      follow_backups = "aws logs tail --region ${data.aws_region.current.id} --follow ${source.codecommit.functions.backup.log_group}"
      follow_builds  = "aws logs tail --region ${data.aws_region.current.id} --follow ${source.codecommit.build.log_group}"
      list_snapshots = "aws s3 ls --recursive s3://${module.vault.vault.bucket}/"
      }, { for drill in source.codecommit.drills[*] : "drill_now" => "aws stepfunctions start-execution --region ${data.aws_region.current.id} --state-machine-arn ${drill.arn}" }, source.codecommit.events == null ? {} : {
      follow_events = "aws logs tail --region ${data.aws_region.current.id} --follow ${source.codecommit.functions.on_event.log_group}"
      retry_events  = "aws sqs start-message-move-task --region ${data.aws_region.current.id} --source-arn ${source.codecommit.events.dead_letters.arn}"
    })
  }])
}

output "codeartifact" {
  description = "The source CodeArtifact: when the next run starts, where runs can be watched, which regions are backed up, whether events are heard and to which buses other regions and accounts send theirs, and the commands to start a run or a drill and to follow what the functions log. Null where it is not deployed."
  value = one([for source in module.codeartifact : {
    next_run      = source.codeartifact.schedule.words
    state_machine = source.codeartifact.state_machine.arn
    console       = module.observability.console.state_machines["codeartifact"]
    regions       = source.codeartifact.regions
    events        = source.codeartifact.events != null
    event_buses = {
      regions  = try(source.codeartifact.events.region_bus_arn, null)
      accounts = try(source.codeartifact.events.account_bus_arn, null)
    }
    commands = merge({
      run_now        = "aws stepfunctions start-execution --region ${data.aws_region.current.id} --state-machine-arn ${source.codeartifact.state_machine.arn}"
      follow_backups = "aws logs tail --region ${data.aws_region.current.id} --follow ${source.codeartifact.functions.backup.log_group}"
      follow_builds  = "aws logs tail --region ${data.aws_region.current.id} --follow ${source.codeartifact.build.log_group}"
      list_snapshots = "aws s3 ls --recursive s3://${module.vault.vault.bucket}/"
      }, { for drill in source.codeartifact.drills[*] : "drill_now" => "aws stepfunctions start-execution --region ${data.aws_region.current.id} --state-machine-arn ${drill.arn}" }, source.codeartifact.events == null ? {} : {
      follow_events = "aws logs tail --region ${data.aws_region.current.id} --follow ${source.codeartifact.functions.on_event.log_group}"
      retry_events  = "aws sqs start-message-move-task --region ${data.aws_region.current.id} --source-arn ${source.codeartifact.events.dead_letters.arn}"
    })
  }])
}

output "efs" {
  description = "The source EFS: when the next backups start, and of each file system the file system that holds the snapshots, the security groups of instances and of its mount targets; and the commands to start a backup and to follow it. Null where it is not deployed."
  value = one([for source in module.efs : {
    next_run = join("; ", [
      for name, it in source.efs.file_systems :
      "${name}: ${it.schedule.enabled ? "by ${it.schedule.expression} in ${it.schedule.time_zone}" : "never by itself: the schedule is switched off"}"
    ])
    file_systems = {
      for name, it in source.efs.file_systems : name => {
        schedule             = it.schedule.enabled ? "${it.schedule.expression} ${it.schedule.time_zone}" : "never by itself: the schedule is switched off"
        vault                = it.vault_id
        group                = it.group
        security_group       = it.security_group_id
        vault_security_group = it.vault_security_group
        run_now              = "holdfast run efs/${name} --deployment ${var.name}"
      }
    }
    logs = source.efs.logs
    commands = merge({ for name in keys(source.efs.file_systems) : "run_${name}_now" => "npx --no-install holdfast run efs/${name} --deployment ${var.name}" }, {
      follow_orchestrator = "aws logs tail --region ${data.aws_region.current.id} --follow ${source.efs.function.log_group}"
      follow_instances    = "aws logs tail --region ${data.aws_region.current.id} --follow ${source.efs.log_group}"
    })
  }])
}
