variable "vault" {
  description = "The vault: its bucket's ARN, and the KMS key that the bucket encrypts with, if any."
  type = object({
    arn            = string
    encryption_key = optional(object({ arn = string }))
  })
}

variable "source_name" {
  description = "The source whose snapshots and runs the roles deal with: github, codecommit, git, codeartifact or efs."
  type        = string

  validation {
    condition     = contains(["github", "codecommit", "git", "codeartifact", "efs"], var.source_name)
    error_message = "The source must be github, codecommit, git, codeartifact or efs: a vault has no place for others."
  }
}

variable "tagged" {
  description = "Whether backups tag the snapshots that they store."
  type        = bool
  default     = false
  nullable    = false
}
