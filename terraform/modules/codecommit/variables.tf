variable "name" {
  description = "Name of the deployment; what is created here is called <name>-codecommit."
  type        = string
}

variable "codecommit" {
  description = <<-EOT
    The source CodeCommit: the repositories of this account, or of others, in one region or several.
    - regions: where repositories are looked for; by default where the deployment is.
    - prefix: below which prefix of the vault's bucket the snapshots are stored; by default at its top.
    - include, exclude: globs over the repositories' names; exclude is stronger. By default all.
    - tags: tags that a repository must have, all of them; an empty value stands for any.
    - fips: use the endpoints that are validated under FIPS 140.
    - roles: roles of other accounts, one of each, whose repositories are backed up instead of this account's; with
      external_id where the role asks for one. The module codecommit-reader makes such a role.
    - keys: the ARNs of the KMS keys that encrypt repositories, where those have their own keys. Not with roles: there
      the module codecommit-reader has them.
    - git_endpoint: where Git is served, in place of the region's own: a VPC endpoint without private DNS names.
    - format: bundle, or tar.gz or zip for archives of mirrors, of small repositories.
    - project: tags the data of snapshots project=<project>, and source=<ARN of the repository>.
    - rpo, rto: how old the newest snapshots may be when a run ends, and how long a restore of all may take, as 26h or 2d:
      each run measures both, and says where they are missed.
    - schedule, interval_hours, margin_hours, concurrency, timeout_hours, memory_mb, backup, codebuild, drill, retention: how
      runs go; see the module source, which has their defaults, but for the schedule: daily.
    - events: back up a repository within minutes of a push, too. Pushes are heard in the region of the deployment, and
      of other regions and of the accounts of roles those that the module codecommit-events sends; deletions only where
      a trail of CloudTrail logs the region's management events.
  EOT
  type = object({
    regions = optional(list(string), [])
    prefix  = optional(string, "")
    include = optional(list(string), [])
    exclude = optional(list(string), [])
    tags    = optional(map(string), {})
    fips    = optional(bool, false)
    roles = optional(list(object({
      arn         = string
      external_id = optional(string)
    })), [])
    keys         = optional(list(string), [])
    git_endpoint = optional(string)
    format       = optional(string, "bundle")
    project      = optional(string)
    rpo          = optional(string)
    rto          = optional(string)
    schedule = optional(object({
      # Pipeline's own default would be monthly.
      expression       = optional(string, "cron(0 2 * * ? *)")
      time_zone        = optional(string)
      flexible_minutes = optional(number)
      enabled          = optional(bool)
    }), {})
    interval_hours = optional(number)
    margin_hours   = optional(number)
    concurrency    = optional(number)
    timeout_hours  = optional(number)
    memory_mb      = optional(number)
    backup = optional(object({
      memory_mb            = optional(number)
      ephemeral_mb         = optional(number)
      reserved_concurrency = optional(number)
    }), {})
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
    condition     = length(jsonencode([var.codecommit.include, var.codecommit.exclude, var.codecommit.tags, var.codecommit.roles])) <= 3000
    error_message = "codecommit.include, exclude, tags and roles together must have no more than 3,000 characters: they go into the environment of functions, for which Lambda has 4 KB. Use wildcards or tags."
  }
  validation {
    condition     = alltrue([for role in var.codecommit.roles : can(regex("^arn:[a-z-]+:iam::\\d{12}:role/[A-Za-z0-9+=,.@_/-]+$", role.arn))])
    error_message = "Each of codecommit.roles must have the ARN of a role, without wildcards."
  }
  validation {
    condition     = length(distinct([for role in var.codecommit.roles : split("/", role.arn)[0]])) == length(var.codecommit.roles)
    error_message = "codecommit.roles names two roles of one account: one reads all of its repositories."
  }
  validation {
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    condition     = alltrue([for role in var.codecommit.roles : can(regex("^[A-Za-z0-9_+=,.@:/-]{2,1000}$", role.external_id)) if role.external_id != null])
    error_message = "The external_id of codecommit.roles must have 2 or more letters, digits and any of _+=,.@:/-."
  }
  validation {
    condition     = alltrue([for arn in var.codecommit.keys : can(regex("^arn:[^:]+:kms:[^:]+:\\d{12}:key/[^*?]+$", arn))])
    error_message = "Each of codecommit.keys must be the ARN of a KMS key, not an alias or an id, and without wildcards."
  }
  validation {
    condition     = length(var.codecommit.keys) == 0 || length(var.codecommit.roles) == 0
    error_message = "codecommit.keys cannot be set with codecommit.roles: the roles that read repositories of other accounts decrypt them there, by keys of the module codecommit-reader."
  }
  validation {
    condition     = alltrue([for time in [var.codecommit.rpo, var.codecommit.rto] : time == null || can(regex("^\\d+(\\.\\d+)?(min|h|d)$", time))])
    error_message = "codecommit.rpo and codecommit.rto must be time spans, such as 90min, 26h or 2d."
  }
  validation {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
    condition     = var.codecommit.project == null || can(regex("^[\\p{L}\\p{N} _.:/=+@-]{1,256}$", var.codecommit.project))
    error_message = "codecommit.project must be the value of a tag: 1 to 256 letters, digits, spaces and any of _.:/=+@-."
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
