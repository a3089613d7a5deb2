variable "name" {
  description = "Name of the deployment; what is created here is called <name>-github."
  type        = string
}

variable "github" {
  description = <<-EOT
    The source GitHub. What is backed up of it, and where to, is said by the secret and can change with no deployment.
    - secret_name: the secret in AWS Secrets Manager that holds the token and the settings. It must exist.
    - schedule: when runs start; see the module pipeline.
    - interval_hours, margin_hours: a run should succeed in every interval; an alarm is raised once the margin has
      passed as well. The interval follows from the schedule where that is a plain one.
    - concurrency: how many repositories are backed up at once.
    - timeout_hours: when a run is stopped that does not end by itself.
    - memory_mb: of inventory and report, which hold the whole list: 512 does for 50,000 repositories.
    - backup: the function that backs up a repository: its memory, its /tmp, and how many may run at once, which
      also counts for several runs together and is taken from what the account has.
    - codebuild: the machine for repositories that do not fit a Lambda; see the module codebuild.
    - retention: which snapshots are kept of each repository: all of the last days, at least the last keep_last, the
      last keep_verified of those that were verified, and the newest of so many days, weeks, months and years. With
      dry_run it is only said what would be removed.
  EOT
  type = object({
    secret_name = optional(string, "prod/github-backup")
    schedule = optional(object({
      expression       = optional(string)
      time_zone        = optional(string)
      flexible_minutes = optional(number)
      enabled          = optional(bool)
    }), {})
    interval_hours = optional(number)
    margin_hours   = optional(number, 48)
    concurrency    = optional(number, 10)
    timeout_hours  = optional(number)
    memory_mb      = optional(number, 512)
    backup = optional(object({
      memory_mb            = optional(number, 512)
      ephemeral_mb         = optional(number, 512)
      reserved_concurrency = optional(number)
    }), {})
    codebuild = optional(object({
      compute_type      = optional(string)
      timeout_minutes   = optional(number)
      concurrent_builds = optional(number)
      image             = optional(string)
    }), {})
    retention = optional(object({
      keep_last     = optional(number, 3)
      days          = optional(number, 1825)
      daily         = optional(number, 0)
      weekly        = optional(number, 0)
      monthly       = optional(number, 0)
      yearly        = optional(number, 0)
      keep_verified = optional(number, 1)
      dry_run       = optional(bool, false)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^[A-Za-z0-9/_+=.@-]{1,512}$", var.github.secret_name))
    error_message = "github.secret_name must be the name of a secret, not its ARN."
  }
  validation {
    condition     = var.github.interval_hours == null || try(var.github.interval_hours >= 1, false)
    error_message = "github.interval_hours must be at least 1."
  }
  validation {
    condition     = var.github.margin_hours >= 1
    error_message = "github.margin_hours must be at least 1: a run takes its time."
  }
  validation {
    condition = alltrue([
      for count in [
        var.github.retention.keep_last, var.github.retention.days, var.github.retention.daily, var.github.retention.weekly,
        var.github.retention.monthly, var.github.retention.yearly, var.github.retention.keep_verified,
      ] : count >= 0 && floor(count) == count
    ])
    error_message = "The numbers of github.retention must be whole and not negative."
  }
  validation {
    condition     = var.github.retention.keep_last >= 1
    error_message = "github.retention.keep_last must be at least 1: retention never removes all snapshots of a repository."
  }
}

variable "vault" {
  description = "The vault: its bucket's name and ARN, and the KMS key that the bucket encrypts with, if any."
  type = object({
    bucket         = string
    arn            = string
    encryption_key = optional(object({ arn = string }))
  })
}

variable "notifications" {
  description = "The topic that reports go to: its ARN and the ARN of the key that encrypts it, and whether runs are also reported that went well."
  type = object({
    topic_arn = string
    key_arn   = string
    success   = optional(bool, false)
  })
}

variable "artifacts" {
  description = "Path of the folder that the build wrote."
  type        = string
}

variable "platform" {
  description = "What all functions of the deployment share; see the module function."
  type = object({
    runtime              = string
    architecture         = string
    layers               = list(string)
    log_retention_days   = number
    log_key_arn          = optional(string)
    log_level            = optional(string)
    permissions_boundary = optional(string)
  })
}
