variable "function" {
  description = <<-EOT
    One function.
    - package: path of its zip.
    - ephemeral_mb: size of /tmp.
    - reserved_concurrency: how many may run at once, taken from what the account has; null sets no limit.
    - policies: what its role may do beyond writing its log and traces, as JSON by name.
    - aliases: further names by which the same version is invoked beside live, where the function or a policy must tell who
      invokes it.
    - failures: the queue that takes the events of failed asynchronous invocations; null where there are none.
  EOT
  type = object({
    name                 = string
    description          = string
    package              = string
    handler              = optional(string, "index.handler")
    timeout_seconds      = optional(number, 900)
    memory_mb            = optional(number, 512)
    ephemeral_mb         = optional(number, 512)
    reserved_concurrency = optional(number)
    environment          = optional(map(string), {})
    policies             = optional(map(string), {})
    aliases              = optional(list(string), [])
    failures             = optional(object({ arn = string }))
  })

  validation {
    condition     = length(var.function.name) <= 64
    error_message = "A function's name has at most 64 characters: choose a shorter name for the deployment."
  }
  validation {
    condition     = var.function.timeout_seconds >= 1 && var.function.timeout_seconds <= 900
    error_message = "timeout_seconds must be 1 to 900: Lambda allows no more."
  }
  validation {
    condition     = var.function.memory_mb >= 128 && var.function.memory_mb <= 10240
    error_message = "memory_mb must be 128 to 10240."
  }
  validation {
    condition     = var.function.ephemeral_mb >= 512 && var.function.ephemeral_mb <= 10240
    error_message = "ephemeral_mb must be 512 to 10240."
  }
  validation {
    condition     = try(var.function.reserved_concurrency, null) == null || try(var.function.reserved_concurrency >= 1, false)
    error_message = "reserved_concurrency must be at least 1, or null: 0 would stop the function."
  }
}

variable "platform" {
  description = <<-EOT
    What all functions of a deployment share: the runtime and its architecture, the layers, how long logs are kept
    and the KMS key that encrypts them, how much is logged, the boundary of the roles, and the subnets and security
    groups of a VPC to which functions are connected, if any.
  EOT
  type = object({
    runtime              = string
    architecture         = string
    layers               = list(string)
    log_retention_days   = number
    log_key_arn          = optional(string)
    log_level            = optional(string, "INFO")
    permissions_boundary = optional(string)
    network              = optional(object({ subnet_ids = list(string), security_group_ids = list(string) }))
  })

  validation {
    condition     = contains(["arm64", "x86_64"], var.platform.architecture)
    error_message = "The architecture must be arm64 or x86_64."
  }
  validation {
    condition     = contains(["DEBUG", "INFO", "WARN", "ERROR"], var.platform.log_level)
    error_message = "The log level must be DEBUG, INFO, WARN or ERROR."
  }
}
