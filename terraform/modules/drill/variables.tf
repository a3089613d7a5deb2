variable "name" {
  description = "What the drills are called: <deployment>-<source>-drill."
  type        = string
}

variable "source_name" {
  description = "The source that is drilled."
  type        = string
}

variable "drill" {
  description = <<-EOT
    How drills go.
    - package, environment, policies, memory_mb, ephemeral_mb: of the function; see the module function.
    - expression, time_zone: when they start.
    - slices: in how many drills every snapshot has had its turn.
  EOT
  type = object({
    package      = string
    environment  = map(string)
    policies     = map(string)
    memory_mb    = number
    ephemeral_mb = number
    expression   = string
    time_zone    = string
    slices       = number
  })
}

variable "schedule_group" {
  description = "The name of the group that the schedule belongs to."
  type        = string
}

variable "dead_letters_arn" {
  description = "The queue that takes what could not be started."
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
