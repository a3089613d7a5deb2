variable "name" {
  description = "Name of the deployment; what is created here is called <name>-<source_name>."
  type        = string
}

variable "source_name" {
  description = "The source that is backed up, which the vault must have a place for; see the module vault-access."
  type        = string
}

variable "prefix" {
  description = "Below which prefix of the vault's bucket the source stores its snapshots; empty for its top. The roles reach no other."
  type        = string
  default     = ""
  nullable    = false
}

variable "environment" {
  description = "The settings that all functions of the source get. Nothing secret: the name of a secret, or settings."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setintersection(keys(var.environment), ["HOLDFAST_SOURCE", "HOLDFAST_BUCKET", "HOLDFAST_PREFIX", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"])) == 0
    error_message = "HOLDFAST_SOURCE, HOLDFAST_BUCKET, HOLDFAST_PREFIX, POWERTOOLS_SERVICE_NAME and POWERTOOLS_METRICS_NAMESPACE are set already."
  }
}

variable "policies" {
  description = <<-EOT
    What may be done at the source, as JSON by name.
    - list: by the inventory.
    - read: by backups, in Lambda and in CodeBuild.
  EOT
  type = object({
    list = map(string)
    read = map(string)
  })

  validation {
    condition     = length(setintersection(concat(keys(var.policies.list), keys(var.policies.read)), ["vault", "files"])) == 0
    error_message = "The policies vault and files are there already."
  }
}

variable "tagged" {
  description = "Whether backups tag the snapshots that they store."
  type        = bool
  default     = false
  nullable    = false
}

variable "run" {
  description = <<-EOT
    How runs over the source go.
    - schedule: when they start; see the module pipeline.
    - interval_hours, margin_hours: a run should succeed in every interval; an alarm is raised once the margin has
      passed as well. The interval follows from the schedule where that is a plain one.
    - concurrency: how many repositories are backed up at once.
    - timeout_hours: when a run is stopped that does not end by itself.
    - memory_mb: of inventory and report, which hold the whole list: 512 does for 50,000 repositories.
    - backup: the function that backs up a repository: its memory, its /tmp, and how many may run at once, which
      also counts for several runs together and is taken from what the account has.
    - codebuild: the machine for repositories that do not fit a Lambda; see the module codebuild. With check_objects
      each snapshot made there is restored once, by git, before it counts.
    - drill: when snapshots are proven to restore, by restoring them, and the chain of reports is walked: by expression in
      time_zone, every interval_hours, after which an alarm is raised once a week has passed as well. Each time the
      newest snapshot of every item is drilled, and one of so many slices of all others. memory_mb and ephemeral_mb are
      those of the function. A vault of another account is drilled there.
    - retention: which snapshots are kept of each repository: all of the last days, at least the last keep_last, the
      last keep_verified of those that were verified, and the newest of so many days, weeks, months and years. With
      dry_run it is only said what would be removed.
  EOT
  type = object({
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
      check_objects     = optional(bool, false)
    }), {})
    drill = optional(object({
      enabled        = optional(bool, true)
      expression     = optional(string, "cron(0 12 ? * SUN *)")
      time_zone      = optional(string, "UTC")
      interval_hours = optional(number, 168)
      slices         = optional(number, 13)
      memory_mb      = optional(number, 3008)
      ephemeral_mb   = optional(number, 2048)
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

  # Called by the name under which people set them.
  validation {
    condition     = var.run.interval_hours == null || try(var.run.interval_hours >= 1, false)
    error_message = "${var.source_name}.interval_hours must be at least 1."
  }
  validation {
    condition     = var.run.margin_hours >= 1
    error_message = "${var.source_name}.margin_hours must be at least 1: a run takes its time."
  }
  validation {
    condition = alltrue([
      for count in [
        var.run.retention.keep_last, var.run.retention.days, var.run.retention.daily, var.run.retention.weekly,
        var.run.retention.monthly, var.run.retention.yearly, var.run.retention.keep_verified,
      ] : count >= 0 && floor(count) == count
    ])
    error_message = "The numbers of ${var.source_name}.retention must be whole and not negative."
  }
  validation {
    condition     = can(regex("^(cron\\((\\S+ ){2}(\\? \\S+ [^?\\s]+|[^?\\s]+ \\S+ \\?) \\S+\\)|rate\\([1-9]\\d* (minute|hour|day)s?\\))$", var.run.drill.expression))
    error_message = "${var.source_name}.drill.expression must be cron() with six fields, ? as the day of the month or of the week, such as cron(0 12 ? * SUN *), or rate(7 days)."
  }
  validation {
    condition     = var.run.drill.slices >= 1 && floor(var.run.drill.slices) == var.run.drill.slices
    error_message = "${var.source_name}.drill.slices must be a whole number of at least 1."
  }
  validation {
    # https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
    condition     = var.run.drill.interval_hours >= 1 && var.run.drill.interval_hours <= 83 * 24
    error_message = "${var.source_name}.drill.interval_hours must be 1 to 1992: Step Functions, which is asked for the last drill, forgets after 90 days."
  }
  validation {
    condition     = var.run.retention.keep_last >= 1
    error_message = "${var.source_name}.retention.keep_last must be at least 1: retention never removes all snapshots of a repository."
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
