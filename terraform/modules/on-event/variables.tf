variable "name" {
  description = "What everything of the source is called: <deployment>-<source>."
  type        = string
}

variable "rule_arns" {
  description = "The rules of EventBridge that bring events."
  type        = list(string)
}

variable "function" {
  description = "The function on-event: its package, memory and /tmp, its environment, and what its role may do beyond taking events and starting builds, as JSON by name."
  type = object({
    description  = string
    package      = string
    memory_mb    = number
    ephemeral_mb = number
    environment  = map(string)
    policies     = map(string)
  })
}

variable "batch_size" {
  description = "How many events an invocation is given at most: what it can deal with in its time."
  type        = number
}

variable "build" {
  description = "The CodeBuild project that takes over what does not fit the function: its name, and the policy that lets builds be started, as JSON."
  type        = object({ name = string, start_policy = string })
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
