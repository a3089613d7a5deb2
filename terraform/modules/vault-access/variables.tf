variable "vault" {
  description = "The vault: its bucket's ARN, and the KMS key that the bucket encrypts with, if any."
  type = object({
    arn            = string
    encryption_key = optional(object({ arn = string }))
  })
}

variable "prefix" {
  description = "Where in the bucket the vault begins, without slashes at its ends; empty for its top."
  type        = string
  default     = ""
  nullable    = false

  validation {
    # A wildcard would let the roles into places of others.
    condition     = var.prefix == "" || can(regex("^[^/*?$]+(/[^/*?$]+)*$", var.prefix))
    error_message = "The prefix must be such as backups/code: without s3://, wildcards, and slashes at its ends."
  }
}

variable "source_name" {
  description = "The source whose snapshots and runs the roles deal with, by the name of its folder in the vault."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.source_name)) && !contains(["checks", "doctor", "drills", "index", "removed", "removing", "runs"], var.source_name)
    error_message = "The source must have a name of lower case letters, digits and hyphens, and not that of another folder of a vault."
  }
}

variable "tagged" {
  description = "Whether backups tag the snapshots that they store."
  type        = bool
  default     = false
  nullable    = false
}
