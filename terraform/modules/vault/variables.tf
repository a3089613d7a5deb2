variable "name" {
  description = "Name of the deployment; what is created here begins with it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name))
    error_message = "The name must be lower case letters, digits and hyphens, and begin with a letter."
  }
}

variable "permissions_boundary" {
  description = "ARN of the boundary that every role gets; null for none."
  type        = string
  default     = null
}

variable "vault" {
  description = <<-EOT
    The bucket that snapshots are stored in.
    - bucket: its name; by default <name>-vault-<account>-<region>. The secret of every source must name the same.
    - existing: use a bucket that exists already and manage nothing of it. It should be versioned.
    - account_id: of an existing bucket, the account that owns it, where that is another.
    - encryption: by KMS with a key of the vault's own, by KMS with the key of key_arn, or with kms = false by AES256.
      Of an existing bucket only key_arn counts: the key that it encrypts with, if any.
    - transition: after how many days (0: never) objects go to Glacier Instant Retrieval, if they are larger than
      larger_than_kib: smaller ones, which manifests and the records of runs are, cost more there than here. With
      prefixes, only what stands below them; a lifecycle rule cannot leave a prefix out.
    - removed_days: how long what retention removed can still be brought back.
    - object_lock: nothing can remove a version before so many days have passed; with mode COMPLIANCE not even the
      account's owner. Retention must keep snapshots at least as long.
    - replication: copies everything but removals to a versioned bucket, best of another account (account_id) and
      region. A vault encrypted by KMS needs key_arn, the key of the copies; one with object_lock needs a bucket that has
      Object Lock as well, which object_lock = true affirms.
    - writers: other accounts that back up into this bucket, each below <prefix>/<its number>/; see the module
      vault-writer. The policy of a key of key_arn is not managed here, and must let them use it as well.
    - access_log: the bucket that takes the access log, which must let S3's logging service write to it, and the prefix of its keys.
  EOT
  type = object({
    bucket     = optional(string)
    existing   = optional(bool, false)
    account_id = optional(string)
    encryption = optional(object({
      kms     = optional(bool, true)
      key_arn = optional(string)
    }), {})
    transition = optional(object({
      days            = optional(number, 90)
      larger_than_kib = optional(number, 1024)
      prefixes        = optional(list(string), [])
    }), {})
    removed_days = optional(number, 30)
    object_lock = optional(object({
      mode = optional(string, "GOVERNANCE")
      days = number
    }))
    replication = optional(object({
      bucket_arn    = string
      account_id    = optional(string)
      key_arn       = optional(string)
      storage_class = optional(string, "STANDARD_IA")
      object_lock   = optional(bool, false)
    }))
    writers = optional(object({
      prefix   = optional(string, "")
      accounts = map(list(string))
    }))
    access_log = optional(object({
      bucket = string
      prefix = optional(string, "")
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.vault.bucket == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.vault.bucket))
    error_message = "vault.bucket must be the name of a bucket, without s3:// and without a prefix."
  }
  validation {
    condition     = !var.vault.existing || var.vault.bucket != null
    error_message = "vault.existing needs vault.bucket, the name of the bucket that exists."
  }
  validation {
    condition = !var.vault.existing || (
      var.vault.object_lock == null && var.vault.replication == null && var.vault.access_log == null && var.vault.writers == null
    )
    error_message = "Nothing of an existing bucket is managed: set up Object Lock, replication, the access log and the writers where the bucket is managed."
  }
  validation {
    condition     = var.vault.account_id == null || (var.vault.existing && can(regex("^\\d{12}$", var.vault.account_id)))
    error_message = "vault.account_id must be the 12 digits of the account that owns the existing bucket."
  }
  validation {
    condition     = var.vault.encryption.key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:\\d{12}:key/.+$", var.vault.encryption.key_arn))
    error_message = "vault.encryption.key_arn must be the ARN of a KMS key, not an alias or an id."
  }
  validation {
    condition     = var.vault.encryption.kms || var.vault.encryption.key_arn == null
    error_message = "vault.encryption.key_arn has no meaning with kms = false."
  }
  validation {
    condition     = var.vault.transition.days >= 0 && floor(var.vault.transition.days) == var.vault.transition.days
    error_message = "vault.transition.days must be a whole number of days, 0 for never."
  }
  validation {
    condition     = var.vault.transition.larger_than_kib >= 128
    error_message = "vault.transition.larger_than_kib must be at least 128: Glacier Instant Retrieval bills smaller objects as 128 KiB."
  }
  validation {
    condition     = alltrue([for prefix in var.vault.transition.prefixes : can(regex("^[^/].*/$", prefix))])
    error_message = "Each of vault.transition.prefixes must end with a slash and not begin with one."
  }
  validation {
    condition     = var.vault.removed_days >= 1
    error_message = "vault.removed_days must be at least 1."
  }
  validation {
    condition = var.vault.object_lock == null || (
      contains(["GOVERNANCE", "COMPLIANCE"], try(var.vault.object_lock.mode, "")) && try(var.vault.object_lock.days, 0) >= 1
    )
    error_message = "vault.object_lock must have the mode GOVERNANCE or COMPLIANCE, and at least one day."
  }
  validation {
    condition     = var.vault.replication == null || can(regex("^arn:[^:]+:s3:::[a-z0-9.-]+$", var.vault.replication.bucket_arn))
    error_message = "vault.replication.bucket_arn must be the ARN of a bucket."
  }
  validation {
    condition     = try(var.vault.replication.account_id, null) == null || can(regex("^\\d{12}$", var.vault.replication.account_id))
    error_message = "vault.replication.account_id must be the 12 digits of an account."
  }
  validation {
    condition     = var.vault.replication == null || !var.vault.encryption.kms || try(var.vault.replication.key_arn, null) != null
    error_message = "vault.replication.key_arn is needed: copies of what KMS encrypts need a key where they are stored."
  }
  validation {
    condition     = var.vault.replication == null || var.vault.object_lock == null || try(var.vault.replication.object_lock, false)
    error_message = "vault.object_lock with vault.replication: S3 copies what is locked only to a bucket that has Object Lock as well. Switch it on there (aws s3api put-object-lock-configuration) and affirm it by vault.replication.object_lock = true."
  }
}
