variable "name" {
  description = "What the project is called, such as holdfast-github."
  type        = string

  validation {
    # The bucket adds -artifacts-<account>-<region> to it.
    condition     = length(var.name) <= 25
    error_message = "The project's name has at most 25 characters, so that its bucket's name fits: choose a shorter name for the deployment."
  }
}

variable "build" {
  description = <<-EOT
    The machine that builds run on.
    - compute_type: its size; the disk grows with it: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html
    - timeout_minutes: how long a build may take.
    - concurrent_builds: how many may run at once; null leaves it to the account's limit.
    - image: the container's image; null for AWS's standard image of the architecture.
  EOT
  type = object({
    compute_type      = optional(string, "BUILD_GENERAL1_SMALL")
    timeout_minutes   = optional(number, 480)
    concurrent_builds = optional(number)
    image             = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^BUILD_GENERAL1_(SMALL|MEDIUM|LARGE|XLARGE|2XLARGE)$", var.build.compute_type))
    error_message = "build.compute_type must be BUILD_GENERAL1_SMALL, _MEDIUM, _LARGE, _XLARGE or _2XLARGE."
  }
  validation {
    condition     = var.build.timeout_minutes >= 5 && var.build.timeout_minutes <= 2160
    error_message = "build.timeout_minutes must be 5 to 2160: CodeBuild allows no more than 36 hours."
  }
  validation {
    condition     = var.build.concurrent_builds == null || try(var.build.concurrent_builds >= 1, false)
    error_message = "build.concurrent_builds must be at least 1, or null."
  }
}

variable "program" {
  description = "The command line: the path of its zip, which holds holdfast.mjs and nothing else, and the path of that file, by which builds know it again."
  type = object({
    package = string
    file    = string
  })
}

variable "environment" {
  description = "Environment variables of every build. Nothing secret."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "policies" {
  description = "What builds may do beyond reading their program and writing their log, as JSON by name."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "platform" {
  description = "What the deployment's code runs on: Lambda's name of the runtime, whose major version of Node.js builds use too, and the architecture; how long logs are kept and the KMS key that encrypts them; the boundary of the roles; the VPC that builds are connected to, if any, with its subnets and security groups."
  type = object({
    runtime              = string
    architecture         = string
    log_retention_days   = number
    log_key_arn          = optional(string)
    permissions_boundary = optional(string)
    network = optional(object({
      vpc_id             = string
      subnet_ids         = list(string)
      security_group_ids = list(string)
    }))
  })

  validation {
    condition     = can(regex("^nodejs\\d+\\.x$", var.platform.runtime))
    error_message = "The runtime must be one of Node.js, such as nodejs22.x."
  }
}
