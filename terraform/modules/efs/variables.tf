variable "name" {
  description = "Name of the deployment; what is created here is called <name>-efs."
  type        = string
}

variable "efs" {
  description = <<-EOT
    The source EFS: file systems whose snapshots go into file systems.
    - network: where the instances that copy are; see the module efs-file-system. Each file system may have its own.
    - file_systems: by a short name, under which people find them.
      - source, vault, restore_to, instance_type, volume_gib, network: see the module efs-file-system.
      - interval: daily, weekly or monthly: a folder of its own in the vault, and the default of the schedule.
      - retain: how many good snapshots of this interval are kept.
      - label: the folder in the vault that snapshots stand in.
      - prefix: the folder of the source that is backed up.
      - window_minutes: how long a backup may take; what is not done by then the next one goes on with.
      - schedule: expression, time_zone, enabled.
      - interval_hours, margin_hours: a backup should succeed in every interval; an alarm is raised once the margin has
        passed as well. The interval in hours follows from interval.
      - workers: how many workers copy at once; null leaves it to the program.
      - accept_empty: whether a source without a single file may follow one that had some.
    - janitor_minutes: how often what got lost is looked for.
    - results_days: how long results and logs of tasks stay.
  EOT
  type = object({
    network = optional(object({
      vpc_id             = string
      subnet_ids         = list(string)
      security_group_ids = optional(list(string))
      nfs_cidrs          = optional(list(string))
      https_cidrs        = optional(list(string))
      dns_servers        = optional(list(string))
      proxy              = optional(string)
      no_proxy           = optional(list(string))
    }))
    file_systems = map(object({
      source = object({
        file_system_id    = string
        access_point      = optional(string)
        security_group_id = optional(string)
      })
      vault = optional(object({
        file_system_id    = optional(string)
        access_point      = optional(string)
        security_group_id = optional(string)
        performance_mode  = optional(string)
        throughput_mode   = optional(string)
        throughput_mibps  = optional(number)
        key_arn           = optional(string)
        archive_days      = optional(number)
      }), {})
      restore_to     = optional(list(string))
      interval       = optional(string, "daily")
      retain         = optional(number, 7)
      label          = optional(string, "efs-backup")
      prefix         = optional(string, "/")
      window_minutes = optional(number, 180)
      schedule = optional(object({
        expression = optional(string)
        time_zone  = optional(string, "UTC")
        enabled    = optional(bool, true)
      }), {})
      interval_hours = optional(number)
      margin_hours   = optional(number, 24)
      workers        = optional(number)
      accept_empty   = optional(bool)
      instance_type  = optional(string)
      volume_gib     = optional(number)
      network = optional(object({
        vpc_id             = string
        subnet_ids         = list(string)
        security_group_ids = optional(list(string))
        nfs_cidrs          = optional(list(string))
        https_cidrs        = optional(list(string))
        dns_servers        = optional(list(string))
        proxy              = optional(string)
        no_proxy           = optional(list(string))
      }))
    }))
    janitor_minutes = optional(number, 15)
    results_days    = optional(number, 400)
  })

  validation {
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    condition     = length(var.efs.file_systems) >= 1 && length(var.efs.file_systems) <= 8
    error_message = "efs.file_systems must have one to eight file systems: what the function must know of each goes into its environment, for which Lambda has 4 KB. Further ones can be deployed under another name."
  }
  validation {
    # It becomes part of the names of schedules, which have at most 64 characters.
    condition     = alltrue([for name in keys(var.efs.file_systems) : can(regex("^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$", name))])
    error_message = "Each name in efs.file_systems must have no more than 20 lower case letters, digits and hyphens."
  }
  validation {
    condition     = alltrue([for it in values(var.efs.file_systems) : it.network != null || var.efs.network != null])
    error_message = "efs.network is missing: the VPC and two or more subnets for the instances that copy."
  }
  validation {
    condition     = alltrue([for it in values(var.efs.file_systems) : contains(["daily", "weekly", "monthly"], it.interval)])
    error_message = "interval must be daily, weekly or monthly."
  }
  validation {
    # https://docs.aws.amazon.com/efs/latest/ug/limits.html
    condition     = alltrue([for it in values(var.efs.file_systems) : it.retain >= 1 && it.retain <= 150 && floor(it.retain) == it.retain])
    error_message = "retain must be a whole number from 1 to 150: the last good snapshot is never removed, and EFS allows a file 177 hard links, of which each snapshot takes one."
  }
  validation {
    condition     = alltrue([for it in values(var.efs.file_systems) : can(regex("^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$", it.label))])
    error_message = "label must be the plain name of a folder, such as efs-backup."
  }
  validation {
    condition     = alltrue([for it in values(var.efs.file_systems) : startswith(it.prefix, "/") && !contains(split("/", it.prefix), "..")])
    error_message = "prefix must be a folder of the source, from its root, such as /home, without \"..\"."
  }
  validation {
    condition     = alltrue([for it in values(var.efs.file_systems) : it.window_minutes >= 60 && it.window_minutes <= 1320 && floor(it.window_minutes) == it.window_minutes])
    error_message = "window_minutes must be 60 to 1320: less leaves no time between the start of a machine and the stop 15 minutes before the end; more would run into the next day's."
  }
  validation {
    condition = alltrue([
      for it in values(var.efs.file_systems) : it.schedule.expression == null ||
      can(regex("^(cron\\((\\S+ ){2}(\\? \\S+ [^?\\s]+|[^?\\s]+ \\S+ \\?) \\S+\\)|rate\\([1-9]\\d* (minute|hour|day)s?\\))$", it.schedule.expression))
    ])
    error_message = "schedule.expression must be cron() with six fields, ? as the day of the month or of the week, such as cron(0 2 * * ? *), or rate(7 days)."
  }
  validation {
    condition     = alltrue([for it in values(var.efs.file_systems) : can(regex("^[A-Za-z][A-Za-z0-9_+/-]+$", it.schedule.time_zone))])
    error_message = "schedule.time_zone must be the IANA name of a time zone, such as UTC or Europe/Berlin."
  }
  validation {
    condition     = alltrue([for it in values(var.efs.file_systems) : (it.interval_hours == null || try(it.interval_hours >= 1, false)) && it.margin_hours >= 1])
    error_message = "interval_hours and margin_hours must be at least 1."
  }
  validation {
    condition     = alltrue([for it in values(var.efs.file_systems) : it.workers == null || try(it.workers >= 1 && floor(it.workers) == it.workers, false)])
    error_message = "workers must be a whole number of at least 1, or null."
  }
  validation {
    condition     = var.efs.janitor_minutes >= 5 && var.efs.janitor_minutes <= 60 && floor(var.efs.janitor_minutes) == var.efs.janitor_minutes
    error_message = "efs.janitor_minutes must be 5 to 60."
  }
  validation {
    # The records of backups stay for 90 days, and name these objects.
    condition     = var.efs.results_days >= 90
    error_message = "efs.results_days must be at least 90."
  }
}

variable "notifications" {
  description = "The topic that reports go to: its ARN and the ARN of the key that encrypts it, and whether backups are also reported that went well; and the secret with the addresses of webhooks and heartbeats, where there is one: its name, its ARN with a pattern for its last characters, and its own key."
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
    network              = optional(object({ subnet_ids = list(string), security_group_ids = list(string) }))
  })
}
