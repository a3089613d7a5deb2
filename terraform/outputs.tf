# What the module puts out, and what deployed.sh and people read.

output "vault" {
  description = "The bucket of the vault, which the secrets of Git hosts must name as BACKUP_S3_BUCKET, its page in the console, and for each source the location that --vault takes."
  value       = module.holdfast.vault
}

output "notifications" {
  description = "The topic of the notifications; subscribe to it whatever should hear of them besides the e-mail addresses."
  value       = module.holdfast.notifications
}

output "dashboard" {
  description = "The dashboard in the console."
  value       = module.holdfast.dashboard
}

output "github" {
  description = "The source GitHub, as git_hosts says it of others. Null where it is not deployed."
  value       = module.holdfast.github
}

output "git_hosts" {
  description = "The further Git hosts by their names: when the next run starts, where runs can be watched, and the commands to start one, to follow what the functions log and to change the settings."
  value       = module.holdfast.git_hosts
}

output "codecommit" {
  description = "The source CodeCommit: when the next run starts, where runs can be watched, which regions are backed up, whether pushes are heard and to which bus other accounts and regions send theirs, and the commands to start a run and to follow what the functions log. Null where it is not deployed."
  value       = module.holdfast.codecommit
}

output "codeartifact" {
  description = "The source CodeArtifact: when the next run starts, where runs can be watched, which regions are backed up, whether events are heard and to which buses other regions and accounts send theirs, and the commands to start a run and to follow what the functions log. Null where it is not deployed."
  value       = module.holdfast.codeartifact
}

output "efs" {
  description = "The source EFS: when the next backups start, and of each file system the file system that holds the snapshots, the security groups of instances and of its mount targets; and the commands to start a backup and to follow it. Null where it is not deployed."
  value       = module.holdfast.efs
}
