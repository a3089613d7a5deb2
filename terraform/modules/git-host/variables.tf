variable "name" {
  description = "Name of the deployment; what is created here is called <name>-<source_name>."
  type        = string
}

variable "source_name" {
  description = "The source: a Git host whose settings and token are in a secret."
  type        = string
}

variable "host" {
  description = <<-EOT
    The Git host. What is backed up of it is said by the secret and can change with no deployment.
    - secret_name: the secret in AWS Secrets Manager that holds the token and the settings; by default
      prod/<source_name>-backup. It must exist.
    - prefix: below which prefix of the vault's bucket the snapshots are stored; by default at its top. The secret may
      name the same as BACKUP_S3_PREFIX, and no other.
    - schedule, interval_hours, margin_hours, concurrency, timeout_hours, memory_mb, backup, codebuild, drill, retention: how
      runs go; see the module source, which has their defaults.
  EOT
  type = object({
    secret_name = optional(string)
    prefix      = optional(string, "")
    schedule = optional(object({
      expression       = optional(string)
      time_zone        = optional(string)
      flexible_minutes = optional(number)
      enabled          = optional(bool)
    }))
    interval_hours = optional(number)
    margin_hours   = optional(number)
    concurrency    = optional(number)
    timeout_hours  = optional(number)
    memory_mb      = optional(number)
    backup = optional(object({
      memory_mb            = optional(number)
      ephemeral_mb         = optional(number)
      reserved_concurrency = optional(number)
    }))
    codebuild = optional(object({
      compute_type      = optional(string)
      timeout_minutes   = optional(number)
      concurrent_builds = optional(number)
      image             = optional(string)
      check_objects     = optional(bool)
    }))
    drill = optional(object({
      enabled        = optional(bool)
      expression     = optional(string)
      time_zone      = optional(string)
      interval_hours = optional(number)
      slices         = optional(number)
      memory_mb      = optional(number)
      ephemeral_mb   = optional(number)
    }))
    retention = optional(object({
      keep_last     = optional(number)
      days          = optional(number)
      daily         = optional(number)
      weekly        = optional(number)
      monthly       = optional(number)
      yearly        = optional(number)
      keep_verified = optional(number)
      dry_run       = optional(bool)
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.host.secret_name == null || can(regex("^[A-Za-z0-9/_+=.@-]{1,512}$", var.host.secret_name))
    error_message = "${var.source_name}.secret_name must be the name of a secret, not its ARN."
  }
  validation {
    condition     = var.host.prefix == "" || can(regex("^[^/*?$]+(/[^/*?$]+)*$", var.host.prefix))
    error_message = "${var.source_name}.prefix must be the place in the bucket alone, such as backups: without s3://, wildcards, and slashes at its ends."
  }
}

variable "vault" {
  description = "The vault: its bucket's name and ARN, the KMS key that the bucket encrypts with, if any, and the account that owns it, where that is another."
  type = object({
    bucket         = string
    arn            = string
    encryption_key = optional(object({ arn = string }))
    account_id     = optional(string)
  })
}

variable "notifications" {
  description = "The topic that reports go to: its ARN and the ARN of the key that encrypts it, and whether runs are also reported that went well; and the secret with the addresses of webhooks and heartbeats, where there is one: its name, its ARN with a pattern for its last characters, and its own key."
  type = object({
    topic_arn = string
    key_arn   = string
    success   = optional(bool, false)
    secret = optional(object({
      name    = string
      arn     = string
      key_arn = optional(string)
    }))
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
    network = optional(object({
      vpc_id             = string
      subnet_ids         = list(string)
      security_group_ids = list(string)
    }))
  })
}
