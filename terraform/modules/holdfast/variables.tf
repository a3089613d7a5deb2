variable "name" {
  description = "Name of the deployment. Everything that is created is called by it, so several can stand in one account."
  type        = string
  default     = "holdfast"
  nullable    = false

  validation {
    # The longest name made from it is a bucket's: <name>-codecommit-artifacts-<account>-<region>.
    condition     = can(regex("^[a-z][a-z0-9-]{1,12}[a-z0-9]$", var.name))
    error_message = "The name must have 3 to 14 lower case letters, digits and hyphens, begin with a letter and not end with a hyphen."
  }
  validation {
    # Roles know what belongs to a deployment by its name and that of a source.
    condition     = !can(regex("-(${join("|", keys(local.sources.names))})", var.name))
    error_message = "The name must not contain a hyphen and the name of a source (${join(", ", keys(local.sources.names))}): what it names could be taken for another deployment's."
  }
}

variable "artifacts" {
  description = "Folder of the zips: what npm run build wrote, or what a release holds. As seen from the root configuration, or absolute. By default dist of the checkout that this module lies in."
  type        = string
  default     = null

  validation {
    condition = fileexists(format("%s/layer.zip",
      var.artifacts == null ? "${path.module}/../../../dist" :
      startswith(var.artifacts, "/") ? var.artifacts : "${path.root}/${var.artifacts}"
    ))
    error_message = "There is no layer.zip in that folder: run npm run build, or unpack a release there."
  }
}

variable "artifacts_digest" {
  description = "SHA-256 of the file SHA256SUMS in that folder, as the release states it. With it every zip is compared with that file before anything is planned."
  type        = string
  default     = null
}

variable "lambda_runtime" {
  description = "Runtime of all functions, and the version of Node.js in CodeBuild and on instances for EFS. A newer one, such as nodejs24.x, needs a provider that knows it; 5.100 does not."
  type        = string
  default     = "nodejs22.x"
  nullable    = false

  validation {
    condition     = can(regex("^nodejs\\d+\\.x$", var.lambda_runtime))
    error_message = "The runtime must be one of Node.js, such as nodejs22.x."
  }
}

variable "architecture" {
  description = "Processor that everything runs on: arm64, which costs less, or x86_64, where a region lacks the other."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture must be arm64 or x86_64."
  }
}

variable "logs" {
  description = <<-EOT
    How much is logged (DEBUG, INFO, WARN, ERROR), and the ARN of the KMS key that encrypts the logs; CloudWatch
    encrypts by its own where there is none. The key must allow CloudWatch Logs to use it.
  EOT
  type = object({
    level   = optional(string, "INFO")
    key_arn = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["DEBUG", "INFO", "WARN", "ERROR"], var.logs.level)
    error_message = "logs.level must be DEBUG, INFO, WARN or ERROR."
  }
  validation {
    condition     = var.logs.key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:\\d{12}:key/.+$", var.logs.key_arn))
    error_message = "logs.key_arn must be the ARN of a KMS key, not an alias or an id."
  }
}

variable "log_retention_days" {
  description = "How many days logs are kept."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_days,
    )
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "permissions_boundary" {
  description = "ARN of the boundary that every role gets; terraform/bootstrap makes one, and the role that it makes for deploying demands it. Null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:[^:]+:iam::\\d{12}:policy/.+$", var.permissions_boundary))
    error_message = "The boundary must be the ARN of an IAM policy."
  }
}

variable "network" {
  description = <<-EOT
    The VPC that all functions and builds are connected to, such as for a Git server that only it reaches; null for none,
    which is right for what the internet reaches. By subnet_ids, best private ones in several zones, and
    security_group_ids, which must let HTTPS out. From there they need a NAT gateway or endpoints for what they use: see
    docs/vpc.md.
  EOT
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null

  validation {
    condition     = var.network == null || try(length(var.network.subnet_ids) > 0 && alltrue([for id in var.network.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))]), false)
    error_message = "network.subnet_ids must have the ids of subnets, such as subnet-0a1b2c3d4e5f60718, one at least."
  }
  validation {
    condition     = var.network == null || try(length(var.network.security_group_ids) > 0 && alltrue([for id in var.network.security_group_ids : can(regex("^sg-[0-9a-f]+$", id))]), false)
    error_message = "network.security_group_ids must have the ids of security groups, such as sg-0a1b2c3d4e5f60718, one at least."
  }
}

variable "vault" {
  description = <<-EOT
    The bucket that snapshots are stored in, at least a name for it or {} for all defaults.
    - bucket: its name; by default <name>-vault-<account>-<region>. The secret of every source must name the same.
    - existing (false): use a bucket that exists already and manage nothing of it. It should be versioned. With
      account_id where another account owns it, which must let this one in by writers; runs then remove nothing from it.
    - encryption: by KMS with a key of the vault's own; with key_arn, by that key; with kms = false, by AES256. Of an
      existing bucket only key_arn counts: the key that it encrypts with, if any.
    - transition: after how many days (90; 0 for never) objects larger than larger_than_kib (1024) go to Glacier
      Instant Retrieval; with prefixes, only those below them.
    - removed_days (30): how long what retention removed can still be brought back.
    - object_lock: nothing can remove a version before so many days; mode GOVERNANCE (the default) or COMPLIANCE.
    - replication: copies everything but removals to the versioned bucket bucket_arn, best of another account
      (account_id) and region, there encrypted by key_arn, in storage_class (STANDARD_IA). With object_lock of the vault
      that bucket must have Object Lock as well, and object_lock = true here affirms it.
    - writers: other accounts that back up into this bucket, by their 12 digits: the ARNs of their roles, or [] for the
      whole account. Each writes and reads below <prefix>/<its number>/ alone, and removes and replaces nothing.
    - access_log: the bucket that takes the access log, which must let S3's logging service write to it, and a prefix.
  EOT
  type = object({
    bucket     = optional(string)
    existing   = optional(bool)
    account_id = optional(string)
    encryption = optional(object({
      kms     = optional(bool)
      key_arn = optional(string)
    }))
    transition = optional(object({
      days            = optional(number)
      larger_than_kib = optional(number)
      prefixes        = optional(list(string))
    }))
    removed_days = optional(number)
    object_lock = optional(object({
      mode = optional(string)
      days = number
    }))
    replication = optional(object({
      bucket_arn    = string
      account_id    = optional(string)
      key_arn       = optional(string)
      storage_class = optional(string)
      object_lock   = optional(bool)
    }))
    writers = optional(object({
      prefix   = optional(string)
      accounts = map(list(string))
    }))
    access_log = optional(object({
      bucket = string
      prefix = optional(string)
    }))
  })
  default  = {}
  nullable = false
}

variable "notifications" {
  description = <<-EOT
    Who is notified of failed and partial runs and of every alarm.
    - emails: addresses; each must confirm once, by the mail that AWS sends.
    - success (false): notify of successful runs, too.
    - key_arn: the KMS key that encrypts the topic; by default one of its own.
    - secret_name: the secret in Secrets Manager with the addresses of webhooks (Slack, Teams, your own) and of heartbeats.
      It must exist; its value is never read here. By default there are none.
  EOT
  type = object({
    emails      = optional(list(string))
    success     = optional(bool, false)
    key_arn     = optional(string)
    secret_name = optional(string)
  })
  default  = {}
  nullable = false
}

variable "github" {
  description = <<-EOT
    The source GitHub; null if it is not to be backed up, {} for all defaults. What is backed up of it is said by the
    secret and can change with no deployment.
    - secret_name ("prod/github-backup"): the secret that holds the token and the settings. It must exist.
    - prefix (""): below which prefix of the vault's bucket the snapshots are stored; the roles reach no other. The secret
      may name the same as BACKUP_S3_PREFIX, and no other.
    - schedule: expression ("cron(1 1 1 * ? *)", monthly), time_zone ("UTC"), flexible_minutes (60), enabled (true).
    - interval_hours, margin_hours (48): an alarm is raised when no run has succeeded for longer than both together.
      The interval follows from a plain schedule, and must be set for any other.
    - concurrency (10): how many repositories are backed up at once.
    - timeout_hours (120): when a run is stopped that does not end by itself.
    - memory_mb (512): of inventory and report, which hold the whole list of repositories; double it above 50,000.
    - backup: memory_mb (512), ephemeral_mb (512) and reserved_concurrency (no limit) of the function that backs up.
    - codebuild: for repositories that do not fit a Lambda: compute_type ("BUILD_GENERAL1_SMALL"), timeout_minutes
      (480), concurrent_builds (the account's limit), image (AWS's standard one), check_objects (false): whether a
      snapshot is restored once, by git, before it counts.
    - drill: proves that snapshots restore: enabled (true), expression ("cron(0 12 ? * SUN *)"), time_zone ("UTC"),
      interval_hours (168), slices (13: each snapshot that is not the newest has its turn in so many drills), memory_mb
      (3008), ephemeral_mb (2048).
    - retention: keeps all snapshots of the last days (1825), at least keep_last (3) and the last keep_verified (1) that
      were verified, and the newest of so many daily, weekly, monthly and yearly (0 each); dry_run (false) only says
      what would be removed.
  EOT
  type = object({
    secret_name = optional(string)
    prefix      = optional(string)
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
  default = null

  validation {
    condition     = var.vault.account_id == null || try(var.github.retention, null) == null
    error_message = "github.retention cannot be set here: the account of vault.account_id owns the vault, and it alone removes snapshots from it, by holdfast prune."
  }
}

variable "git_hosts" {
  description = <<-EOT
    Further Git hosts, by their names: git_hosts in sources.json. Each takes what github takes; its secret is by default
    prod/<name>-backup. What is backed up of it is said by the secret and can change with no deployment.
  EOT
  type = map(object({
    secret_name = optional(string)
    prefix      = optional(string)
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
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.git_hosts), local.sources.git_hosts)) == 0
    error_message = "The keys of git_hosts must be of ${join(", ", local.sources.git_hosts)}."
  }
  validation {
    condition     = var.vault.account_id == null || alltrue([for host in var.git_hosts : host.retention == null])
    error_message = "No retention can be set in git_hosts here: the account of vault.account_id owns the vault, and it alone removes snapshots from it, by holdfast prune."
  }
}

variable "codecommit" {
  description = <<-EOT
    The source CodeCommit, the repositories of this account or of others; null if it is not to be backed up, {} for all
    defaults.
    - regions (the deployment's): where repositories are looked for.
    - prefix (""): below which prefix of the vault's bucket the snapshots are stored.
    - include (all), exclude (none): globs over the repositories' names; exclude is stronger.
    - tags (none): tags that a repository must have, all of them; an empty value stands for any.
    - fips (false): use the endpoints that are validated under FIPS 140.
    - roles (none): roles of other accounts, one of each, by arn and, where the role asks for one, external_id: their
      repositories are backed up instead of this account's. terraform/modules/codecommit-reader makes such a role.
    - keys (none): the ARNs of the KMS keys that encrypt repositories which have their own keys.
    - git_endpoint: where Git is served, in place of the region's own: a VPC endpoint without private DNS names.
    - format ("bundle"): or "tar.gz" or "zip", for archives of mirrors, of small repositories.
    - project (none): tags the data of snapshots project=<project>, and source=<ARN of the repository>.
    - rpo, rto (none): how old the newest snapshots may be when a run ends, and how long a restore of all may take, as 26h or
      2d: each run measures both, and says where they are missed.
    - schedule: expression ("cron(0 2 * * ? *)", daily), time_zone ("UTC"), flexible_minutes (60), enabled (true).
    - interval_hours, margin_hours (48): an alarm is raised when no run has succeeded for longer than both together.
      The interval follows from a plain schedule, and must be set for any other.
    - concurrency (10): how many repositories are backed up at once.
    - timeout_hours (120): when a run is stopped that does not end by itself.
    - memory_mb (512): of inventory and report, which hold the whole list of repositories; double it above 50,000.
    - backup: memory_mb (512), ephemeral_mb (512) and reserved_concurrency (no limit) of the function that backs up.
    - codebuild: for repositories that do not fit a Lambda: compute_type ("BUILD_GENERAL1_SMALL"), timeout_minutes
      (480), concurrent_builds (the account's limit), image (AWS's standard one), check_objects (false): whether a
      snapshot is restored once, by git, before it counts.
    - drill: proves that snapshots restore: enabled (true), expression ("cron(0 12 ? * SUN *)"), time_zone ("UTC"),
      interval_hours (168), slices (13: each snapshot that is not the newest has its turn in so many drills), memory_mb
      (3008), ephemeral_mb (2048).
    - retention: keeps all snapshots of the last days (1825), at least keep_last (3) and the last keep_verified (1) that
      were verified, and the newest of so many daily, weekly, monthly and yearly (0 each); dry_run (false) only says
      what would be removed.
    - events (false): back up a repository within minutes of a push, too, in the region of the deployment, and in others
      and other accounts where terraform/modules/codecommit-events sends theirs.
  EOT
  type = object({
    regions = optional(list(string))
    prefix  = optional(string)
    include = optional(list(string))
    exclude = optional(list(string))
    tags    = optional(map(string))
    fips    = optional(bool)
    roles = optional(list(object({
      arn         = string
      external_id = optional(string)
    })))
    keys         = optional(list(string))
    git_endpoint = optional(string)
    format       = optional(string)
    project      = optional(string)
    rpo          = optional(string)
    rto          = optional(string)
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
    events = optional(bool)
  })
  default = null

  validation {
    condition     = var.vault.account_id == null || try(var.codecommit.retention, null) == null
    error_message = "codecommit.retention cannot be set here: the account of vault.account_id owns the vault, and it alone removes snapshots from it, by holdfast prune."
  }
}

variable "codeartifact" {
  description = <<-EOT
    The source CodeArtifact, the packages of this account's domains and of domains of others that let it in; null if it
    is not to be backed up, {} for all defaults.
    - regions (the deployment's): where domains are looked for.
    - prefix (""): below which prefix of the vault's bucket the snapshots are stored.
    - filters (all of this account's domains): what is taken is what fits one of them.
      - domain: a glob over the domains' names.
      - owner (this account): the account that owns the domain; with another, domain is its name without wildcards.
      - repositories (all): globs over the repositories' names.
      - formats (all): of cargo, generic, maven, npm, nuget, pypi, ruby, swift.
    - external (false): keep copies of public packages as well, which repositories fetched from external connections.
    - share (0.5): the share of the account's quotas of CodeArtifact that a run may use.
    - project (none): tags the data of snapshots project=<project>.
    - rpo, rto (none): how old the newest snapshots may be when a run ends, and how long a restore of all may take, as 26h or
      2d: each run measures both, and says where they are missed.
    - schedule: expression ("cron(0 3 * * ? *)", daily), time_zone ("UTC"), flexible_minutes (60), enabled (true).
    - interval_hours, margin_hours (48): an alarm is raised when no run has succeeded for longer than both together.
      The interval follows from a plain schedule, and must be set for any other.
    - concurrency (10): how many packages are backed up at once.
    - timeout_hours (120): when a run is stopped that does not end by itself.
    - memory_mb (512): of inventory and report, which hold the whole list of packages; double it above 50,000.
    - backup: memory_mb (512), ephemeral_mb (512) and reserved_concurrency (no limit) of the function that backs up.
    - codebuild: for packages that do not fit a Lambda: compute_type ("BUILD_GENERAL1_SMALL"), timeout_minutes (480),
      concurrent_builds (the account's limit), image (AWS's standard one).
    - drill: proves that versions restore: enabled (true), expression ("cron(0 12 ? * SUN *)"), time_zone ("UTC"),
      interval_hours (168), slices (13: each snapshot that is not the newest has its turn in so many drills), memory_mb
      (3008), ephemeral_mb (2048).
    - retention: of each version keeps all snapshots of the last days (1825), at least keep_last (3) and the last
      keep_verified (1) that were verified, and the newest of so many daily, weekly, monthly and yearly (0 each); dry_run
      (false) only says what would be removed. No version loses its last ones, however old.
    - events (true): back up a version within minutes of its publication, too, in the region of the deployment.
  EOT
  type = object({
    regions = optional(list(string))
    prefix  = optional(string)
    filters = optional(list(object({
      domain       = string
      owner        = optional(string)
      repositories = optional(list(string))
      formats      = optional(list(string))
    })))
    external = optional(bool)
    share    = optional(number)
    project  = optional(string)
    rpo      = optional(string)
    rto      = optional(string)
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
    events = optional(bool)
  })
  default = null

  validation {
    condition     = var.vault.account_id == null || try(var.codeartifact.retention, null) == null
    error_message = "codeartifact.retention cannot be set here: the account of vault.account_id owns the vault, and it alone removes snapshots from it, by holdfast prune."
  }
  validation {
    # The longest name made from it is a bucket's, <name>-codeartifact-artifacts-<account>-<region>, of at most 63.
    condition     = var.codeartifact == null || length(var.name) <= 12
    error_message = "With the source codeartifact the name must have no more than 12 characters."
  }
}

variable "efs" {
  description = <<-EOT
    The source EFS, file systems whose snapshots go into file systems; null if none is backed up.
    - network: where the instances that copy are; each file system may have its own instead.
      - vpc_id, subnet_ids: two or more subnets, each in its own zone in which the source has a mount target.
      - security_group_ids (none): further security groups of the instances, such as one that the source lets in.
      - nfs_cidrs (the VPC's), https_cidrs (["0.0.0.0/0"]): what instances may reach: mount targets, and AWS's APIs with
        the packages of Amazon Linux.
      - dns_servers (the VPC's): addresses of DNS servers; they must resolve the names of EFS's mount targets.
      - proxy (none), no_proxy: the proxy for HTTPS, without credentials, and what is reached without it.
    - file_systems: each by a short name, under which people find it.
      - source: file_system_id; access_point (none) to mount it through; security_group_id of its mount targets, where
        instances are to be let in by a rule made here.
      - vault: the file system of the snapshots. One is created: performance_mode ("generalPurpose"), throughput_mode
        ("elastic", "bursting", or "provisioned" with throughput_mibps), key_arn (AWS's own key), archive_days (30; 0 for
        never) after which what is not read becomes cheaper. Or one is given: file_system_id, access_point,
        security_group_id as of the source.
      - interval ("daily", "weekly", "monthly") and label ("efs-backup"): where snapshots stand in the vault.
      - retain (7): how many good snapshots are kept.
      - prefix ("/"): the folder that is backed up.
      - window_minutes (180): how long a backup may take, 60 to 1320. What is not done the next one goes on with.
      - schedule: expression (2 in the morning, by the interval), time_zone ("UTC"), enabled (true).
      - interval_hours, margin_hours (24): an alarm is raised when no backup has succeeded for longer than both together.
      - accept_empty (false): go on where the source has not a single file any more.
      - restore_to (none): further file systems that restores may go to, beside the source.
      - instance_type ("c7g.large"), workers (by its processors), volume_gib (8): the machine.
    - janitor_minutes (15): how often what got lost is looked for.
    - results_days (400): how long results and logs of tasks stay.
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
      }))
      interval       = optional(string)
      label          = optional(string)
      retain         = optional(number)
      prefix         = optional(string)
      window_minutes = optional(number)
      schedule = optional(object({
        expression = optional(string)
        time_zone  = optional(string)
        enabled    = optional(bool)
      }))
      interval_hours = optional(number)
      margin_hours   = optional(number)
      accept_empty   = optional(bool)
      restore_to     = optional(list(string))
      instance_type  = optional(string)
      workers        = optional(number)
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
    janitor_minutes = optional(number)
    results_days    = optional(number)
  })
  default = null
}
