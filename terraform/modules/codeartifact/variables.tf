variable "name" {
  description = "Name of the deployment; what is created here is called <name>-codeartifact."
  type        = string
}

variable "codeartifact" {
  description = <<-EOT
    The source CodeArtifact: the packages of this account's domains, and of domains of others that let it in, in one
    region or several.
    - regions: where domains are looked for; by default where the deployment is.
    - prefix: below which prefix of the vault's bucket the snapshots are stored; by default at its top.
    - filters: what is taken is what fits one of them; by default all of this account's domains.
      - domain: a glob over the domains' names.
      - owner: the account that owns the domain, where that is another: then domain is its name, without wildcards.
      - repositories: globs over the repositories' names; by default all.
      - formats: cargo, generic, maven, npm, nuget, pypi, ruby, swift; by default all.
    - external: keep copies of public packages as well, which repositories fetched from external connections.
    - share: the share of the account's quotas of CodeArtifact that a run may use, more than 0, up to 1.
    - project: tags the data of snapshots project=<project>.
    - rpo, rto: how old the newest snapshots may be when a run ends, and how long a restore of all may take, as 26h or 2d:
      each run measures both, and says where they are missed.
    - schedule, interval_hours, margin_hours, concurrency, timeout_hours, memory_mb, backup, codebuild, drill, retention: how
      runs go; see the module source, which has their defaults, but for the schedule: daily. A run goes through
      packages; each of their versions is kept for good, since retention removes no version's newest snapshots, only
      what a version, or a package's settings, had been before.
    - events: back up a version within minutes of its publication, and note when it is unlisted, archived, disposed of
      or deleted. They are heard in the region of the deployment. Those of other accounts' domains are heard that a rule
      there sends to the event bus of this one.
  EOT
  type = object({
    regions = optional(list(string), [])
    prefix  = optional(string, "")
    filters = optional(list(object({
      domain       = string
      owner        = optional(string)
      repositories = optional(list(string), [])
      formats      = optional(list(string), [])
    })), [])
    external = optional(bool, false)
    share    = optional(number)
    project  = optional(string)
    rpo      = optional(string)
    rto      = optional(string)
    schedule = optional(object({
      # Pipeline's own default would be monthly. An hour after CodeCommit, so that both are not due at once.
      expression       = optional(string, "cron(0 3 * * ? *)")
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
    events = optional(bool, true)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for region in var.codeartifact.regions : can(regex("^[a-z]{2}(-[a-z]+)+-\\d$", region))])
    error_message = "Each of codeartifact.regions must be the name of a region, such as eu-central-1."
  }
  validation {
    condition     = length(distinct(var.codeartifact.regions)) == length(var.codeartifact.regions)
    error_message = "codeartifact.regions names a region twice."
  }
  validation {
    condition     = var.codeartifact.prefix == "" || can(regex("^[A-Za-z0-9!_.'()-]+(/[A-Za-z0-9!_.'()-]+)*$", var.codeartifact.prefix))
    error_message = "codeartifact.prefix must be the place in the bucket alone, such as backups/packages: without s3://, wildcards, and slashes at its ends."
  }
  validation {
    # A mistake here would back up everything, or nothing.
    condition = alltrue(flatten([
      for filter in var.codeartifact.filters : [for glob in concat([filter.domain], filter.repositories) : can(regex("^([^!]|!\\()", glob))]
    ]))
    error_message = "The domain and each of the repositories of codeartifact.filters must be a glob; none is empty or begins with \"!\"."
  }
  validation {
    condition     = alltrue([for filter in var.codeartifact.filters : can(regex("^\\d{12}$", filter.owner)) if filter.owner != null])
    error_message = "The owner of codeartifact.filters must be the number of an account, of 12 digits."
  }
  validation {
    # https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_CreateDomain.html
    condition     = alltrue([for filter in var.codeartifact.filters : can(regex("^[a-z][a-z0-9-]{0,48}[a-z0-9]$", filter.domain)) if filter.owner != null])
    error_message = "A filter of codeartifact.filters with an owner must have the name of a domain, without wildcards: CodeArtifact does not list the domains of other accounts."
  }
  validation {
    condition = alltrue(flatten([
      for filter in var.codeartifact.filters : [
        for format in filter.formats : contains(["cargo", "generic", "maven", "npm", "nuget", "pypi", "ruby", "swift"], format)
      ]
    ]))
    error_message = "The formats of codeartifact.filters must be among cargo, generic, maven, npm, nuget, pypi, ruby and swift."
  }
  validation {
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    condition     = length(jsonencode(var.codeartifact.filters)) <= 3000
    error_message = "codeartifact.filters must have no more than 3,000 characters together: they go into the environment of functions, for which Lambda has 4 KB. Use wildcards."
  }
  validation {
    condition     = var.codeartifact.share == null || try(var.codeartifact.share > 0 && var.codeartifact.share <= 1, false)
    error_message = "codeartifact.share must be more than 0 and at most 1."
  }
  validation {
    condition     = alltrue([for time in [var.codeartifact.rpo, var.codeartifact.rto] : time == null || can(regex("^\\d+(\\.\\d+)?(min|h|d)$", time))])
    error_message = "codeartifact.rpo and codeartifact.rto must be time spans, such as 90min, 26h or 2d."
  }
  validation {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
    condition     = var.codeartifact.project == null || can(regex("^[\\p{L}\\p{N} _.:/=+@-]{1,256}$", var.codeartifact.project))
    error_message = "codeartifact.project must be the value of a tag: 1 to 256 letters, digits, spaces and any of _.:/=+@-."
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
