variable "bucket_arn" {
  description = "The ARN of the vault's bucket."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:s3:::[a-z0-9.-]+$", var.bucket_arn))
    error_message = "The bucket must be given by its ARN."
  }
}

variable "prefix" {
  description = "Below which prefix of the bucket the accounts have their places; empty for its top."
  type        = string
  default     = ""
  nullable    = false

  validation {
    # A wildcard would let an account into the places of others.
    condition     = var.prefix == "" || can(regex("^[A-Za-z0-9!_.'()-]+(/[A-Za-z0-9!_.'()-]+)*$", var.prefix))
    error_message = "The prefix must be such as backups/code: without wildcards, and without slashes at its ends."
  }
}

variable "accounts" {
  description = "Who may write: by the 12 digits of an account the ARNs of its roles, in which * and ? stand for any, or none for the whole account. Its regions need nothing of their own."
  type        = map(list(string))

  validation {
    condition     = length(var.accounts) > 0 && alltrue([for account in keys(var.accounts) : can(regex("^\\d{12}$", account))])
    error_message = "The accounts must be given by their 12 digits, one at least."
  }
  validation {
    condition = alltrue(flatten([
      for account, roles in var.accounts : [for role in roles : can(regex("^arn:[a-z-]+:iam::${account}:role/[A-Za-z0-9+=,.@_/*?-]+$", role))]
    ]))
    error_message = "Each role must be the ARN of a role of the account that it stands under."
  }
}
