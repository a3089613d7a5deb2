variable "name" {
  description = "Name of the deployment; what is created here is called <name>-codecommit."
  type        = string
}

variable "codecommit" {
  description = <<-EOT
    The source CodeCommit: the repositories of this account, in one region or several.
    - regions: where repositories are looked for; by default where the deployment is.
    - prefix: below which prefix of the vault's bucket the snapshots are stored; by default at its top.
    - include, exclude: globs over the repositories' names; exclude is stronger. By default all.
    - tags: tags that a repository must have, all of them; an empty value stands for any.
    - fips: use the endpoints that are validated under FIPS 140.
    - git_endpoint: where Git is served, in place of the region's own: a VPC endpoint without private DNS names.
    - format: bundle, or tar.gz or zip for archives of mirrors, of small repositories.
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
    - events: back up a repository within minutes of a push, too. Pushes are heard in the region of the deployment;
      deletions only where a trail of CloudTrail logs the region's management events.
  EOT
  type = object({
    regions      = optional(list(string), [])
    prefix       = optional(string, "")
    include      = optional(list(string), [])
    exclude      = optional(list(string), [])
    tags         = optional(map(string), {})
    fips         = optional(bool, false)
    git_endpoint = optional(string)
    format       = optional(string, "bundle")
    schedule = optional(object({
      # Pipeline's own default would be monthly.
      expression       = optional(string, "cron(0 2 * * ? *)")
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
    events = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for region in var.codecommit.regions : can(regex("^[a-z]{2}(-[a-z]+)+-\\d$", region))])
    error_message = "Each of codecommit.regions must be the name of a region, such as eu-central-1."
  }
  validation {
    condition     = length(distinct(var.codecommit.regions)) == length(var.codecommit.regions)
    error_message = "codecommit.regions names a region twice."
  }
  validation {
    condition     = var.codecommit.prefix == "" || can(regex("^[A-Za-z0-9!_.'()-]+(/[A-Za-z0-9!_.'()-]+)*$", var.codecommit.prefix))
    error_message = "codecommit.prefix must be the place in the bucket alone, such as backups/code: without s3://, wildcards, and slashes at its ends."
  }
  validation {
    # A mistake here would back up everything, or nothing.
    condition     = alltrue([for pattern in concat(var.codecommit.include, var.codecommit.exclude) : can(regex("^([^!]|!\\()", pattern))])
    error_message = "Each of codecommit.include and codecommit.exclude must be a glob; none is empty or begins with \"!\": exclude says the same."
  }
  validation {
    condition     = alltrue([for key in keys(var.codecommit.tags) : key != ""])
    error_message = "codecommit.tags must name each tag."
  }
  validation {
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    condition     = length(jsonencode([var.codecommit.include, var.codecommit.exclude, var.codecommit.tags])) <= 3000
    error_message = "codecommit.include, exclude and tags together must have no more than 3,000 characters: they go into the environment of functions, for which Lambda has 4 KB. Use wildcards or tags."
  }
  validation {
    # In plain text only to the machine itself, where tests serve Git.
    condition     = var.codecommit.git_endpoint == null || can(regex("^(https://[A-Za-z0-9.:-]+|http://(localhost|127\\.0\\.0\\.1)(:\\d+)?)/?$", var.codecommit.git_endpoint))
    error_message = "codecommit.git_endpoint must be https:// and a host, without a path."
  }
  validation {
    condition     = var.codecommit.git_endpoint == null || length(var.codecommit.regions) <= 1
    error_message = "codecommit.git_endpoint serves one region: name no more than that in codecommit.regions."
  }
  validation {
    condition     = contains(["bundle", "tar.gz", "zip"], var.codecommit.format)
    error_message = "codecommit.format must be bundle, tar.gz or zip."
  }
  validation {
    condition     = var.codecommit.interval_hours == null || try(var.codecommit.interval_hours >= 1, false)
    error_message = "codecommit.interval_hours must be at least 1."
  }
  validation {
    condition     = var.codecommit.margin_hours >= 1
    error_message = "codecommit.margin_hours must be at least 1: a run takes its time."
  }
  validation {
    condition = alltrue([
      for count in [
        var.codecommit.retention.keep_last, var.codecommit.retention.days, var.codecommit.retention.daily, var.codecommit.retention.weekly,
        var.codecommit.retention.monthly, var.codecommit.retention.yearly, var.codecommit.retention.keep_verified,
      ] : count >= 0 && floor(count) == count
    ])
    error_message = "The numbers of codecommit.retention must be whole and not negative."
  }
  validation {
    condition     = var.codecommit.retention.keep_last >= 1
    error_message = "codecommit.retention.keep_last must be at least 1: retention never removes all snapshots of a repository."
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
