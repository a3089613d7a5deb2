variable "name" {
  description = "What the rule is called, and with the region's name the role."
  type        = string
  default     = "holdfast-codeartifact-events"
  nullable    = false

  validation {
    # A rule's name has 64 characters, and so has the role's, with the name of the region.
    condition     = can(regex("^[A-Za-z0-9_.-]{1,48}$", var.name))
    error_message = "The name must have 1 to 48 letters, digits and any of _.-."
  }
}

variable "bus_arn" {
  description = "The bus that the events are sent to: one of event_buses of the deployment's output codeartifact."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:events:[a-z0-9-]+:\\d{12}:event-bus/[A-Za-z0-9._/-]+$", var.bus_arn))
    error_message = "The bus must be given by its ARN."
  }
}

variable "permissions_boundary" {
  description = "ARN of the boundary that the role gets; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:[^:]+:iam::\\d{12}:policy/.+$", var.permissions_boundary))
    error_message = "The boundary must be the ARN of an IAM policy."
  }
}

variable "domains" {
  description = "The names of the domains whose events are sent; by default all of this account."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    # https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_CreateDomain.html
    condition     = alltrue([for domain in var.domains : can(regex("^[a-z][a-z0-9-]{0,48}[a-z0-9]$", domain))])
    error_message = "Each of the domains must be the name of one, without wildcards."
  }
}
