variable "name" {
  description = "Name of the deployment; what is created here begins with it."
  type        = string
}

variable "notifications" {
  description = <<-EOT
    Who is notified.
    - emails: addresses that get the notifications; each must confirm once, by the mail that AWS sends.
    - key_arn: the KMS key that encrypts them; null for a key of their own. A given key must allow CloudWatch and
      EventBridge to use it.
  EOT
  type = object({
    emails  = optional(list(string), [])
    key_arn = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for email in var.notifications.emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", email))])
    error_message = "Each of notifications.emails must be the address of a mailbox."
  }
  validation {
    condition     = var.notifications.key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:\\d{12}:key/.+$", var.notifications.key_arn))
    error_message = "notifications.key_arn must be the ARN of a KMS key, not an alias or an id."
  }
}

variable "sources" {
  description = <<-EOT
    The sources that are watched, by name.
    - service: the service that their metrics are published by.
    - interval_hours, margin_hours: how often a run is due to succeed, and how late it may be.
    - drills: the state machine that proves its snapshots, and how often it is due to; null where none does.
    - events: for a source that also hears of events, the queue of those that could not be dealt with.
  EOT
  type = map(object({
    service        = string
    state_machine  = object({ arn = string, name = string })
    dead_letters   = object({ arn = string, name = string })
    interval_hours = number
    margin_hours   = number
    drills         = optional(object({ arn = string, name = string, interval_hours = number }))
    events         = optional(object({ dead_letters = object({ arn = string, name = string }) }))
  }))

  validation {
    # https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
    condition     = alltrue([for source in var.sources : source.interval_hours + source.margin_hours <= 90 * 24])
    error_message = "Interval and margin together must be no more than 2160 hours: Step Functions, which is asked for the last success, forgets after 90 days."
  }
}

variable "efs" {
  description = <<-EOT
    EFS, which has no runs but backups of single file systems; null where it is not deployed.
    - service: the service that its metrics are published by.
    - function: the name of the orchestrator.
    - file_systems: by name, the ids of the file system and of the one that holds its snapshots, and after how many hours
      without success the last one is too old; is_scheduled: whether there should be one at all.
  EOT
  type = object({
    service      = string
    function     = string
    dead_letters = object({ arn = string, name = string })
    file_systems = map(object({
      source_id    = string
      vault_id     = string
      stale_hours  = number
      is_scheduled = bool
    }))
  })
  default = null
}

variable "replication" {
  description = "The copies of the vault, as S3 measures them: the two buckets and the rule. Null where there are none."
  type        = object({ source_bucket = string, destination_bucket = string, rule = string })
  default     = null
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
    network              = optional(object({ subnet_ids = list(string), security_group_ids = list(string) }))
  })
}
