variable "pipeline" {
  description = <<-EOT
    One source's pipeline.
    - name: what everything here is called, such as holdfast-github.
    - source: the source that it backs up.
    - concurrency: how many items are backed up at once.
    - timeout_hours: when a run is stopped that does not end by itself.
  EOT
  type = object({
    name          = string
    source        = string
    concurrency   = optional(number, 10)
    timeout_hours = optional(number, 120)
  })

  validation {
    condition     = length(var.pipeline.name) <= 40
    error_message = "The pipeline's name has at most 40 characters, so that the names of its roles fit: choose a shorter name for the deployment."
  }
  validation {
    condition     = var.pipeline.concurrency >= 1 && var.pipeline.concurrency <= 1000 && floor(var.pipeline.concurrency) == var.pipeline.concurrency
    error_message = "concurrency must be a whole number from 1 to 1000."
  }
  validation {
    condition     = var.pipeline.timeout_hours >= 1 && var.pipeline.timeout_hours <= 8760
    error_message = "timeout_hours must be 1 to 8760: Step Functions ends any execution after a year."
  }
}

variable "schedule" {
  description = <<-EOT
    When runs start.
    - expression: cron(…), rate(…) or at(…), as EventBridge Scheduler has them.
    - time_zone: the IANA name of the time zone that cron(…) is read in.
    - flexible_minutes: within how many minutes of that time a run may start; 0 for at that time.
    - enabled: false to start runs by hand only.
  EOT
  type = object({
    expression       = optional(string, "cron(1 1 1 * ? *)")
    time_zone        = optional(string, "UTC")
    flexible_minutes = optional(number, 60)
    enabled          = optional(bool, true)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^(cron\\((\\S+ ){2}(\\? \\S+ [^?\\s]+|[^?\\s]+ \\S+ \\?) \\S+\\)|rate\\([1-9]\\d* (minute|hour|day)s?\\)|at\\(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\))$", var.schedule.expression))
    error_message = "schedule.expression must be cron() with six fields, ? as the day of the month or of the week, such as cron(1 1 1 * ? *), or rate(7 days), or at(2030-01-01T00:00:00)."
  }
  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_+/-]+$", var.schedule.time_zone))
    error_message = "schedule.time_zone must be the IANA name of a time zone, such as UTC or Europe/Berlin."
  }
  validation {
    condition     = var.schedule.flexible_minutes >= 0 && var.schedule.flexible_minutes <= 1440
    error_message = "schedule.flexible_minutes must be 0 to 1440."
  }
}

variable "functions" {
  description = "The functions of the pipeline: the ARN of the alias to invoke, and the timeout. Null for retention where runs remove nothing."
  type = object({
    inventory = object({ arn = string, timeout_seconds = number })
    backup    = object({ arn = string, timeout_seconds = number })
    report    = object({ arn = string, timeout_seconds = number })
    retention = optional(object({ arn = string, timeout_seconds = number }))
  })
}

variable "build" {
  description = "The CodeBuild project for what does not fit a Lambda: its name, its ARN, the policy that lets builds be started, as JSON, and how long a build may take."
  type = object({
    name            = string
    arn             = string
    start_policy    = string
    timeout_minutes = number
  })
}

variable "files_policy" {
  description = "What the state machine may do with the working files of runs, as JSON: read the items, write the results."
  type        = string
}

variable "log" {
  description = "How long the log of the executions is kept, the KMS key that encrypts it, and the boundary of the roles."
  type = object({
    retention_days       = number
    key_arn              = optional(string)
    permissions_boundary = optional(string)
  })
}
