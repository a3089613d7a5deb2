variable "name" {
  description = "What the role is called."
  type        = string
  default     = "holdfast-codecommit-reader"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.name))
    error_message = "The name must be that of a role: 1 to 64 letters, digits and any of +=,.@_-."
  }
  validation {
    condition     = var.events == null || can(regex("^[A-Za-z0-9_.-]{1,41}$", var.name))
    error_message = "With events, the name must have no more than 41 letters, digits and any of _.-: rules are called by it as well."
  }
}

variable "readers" {
  description = "Who may read: by the 12 digits of an account the ARNs of its roles, in which * and ? stand for any, such as <name>-codecommit-*; or none for the whole account."
  type        = map(list(string))

  validation {
    condition     = length(var.readers) > 0 && alltrue([for account in keys(var.readers) : can(regex("^\\d{12}$", account))])
    error_message = "The readers must be given by the 12 digits of their accounts, one at least."
  }
  validation {
    condition = alltrue(flatten([
      for account, roles in var.readers : [for role in roles : can(regex("^arn:[a-z-]+:iam::${account}:role/[A-Za-z0-9+=,.@_/*?-]+$", role))]
    ]))
    error_message = "Each role must be the ARN of a role of the account that it stands under."
  }
}

variable "external_id" {
  description = "What readers must say beside the role's name, the same as external_id in their codecommit.roles; null for nothing."
  type        = string
  default     = null

  validation {
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    condition     = var.external_id == null || can(regex("^[A-Za-z0-9_+=,.@:/-]{2,1000}$", var.external_id))
    error_message = "The external id must have 2 or more letters, digits and any of _+=,.@:/-."
  }
}

variable "regions" {
  description = "The regions whose repositories are read; by default the one where this is applied."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for region in var.regions : can(regex("^[a-z]{2}(-[a-z]+)+-\\d$", region))])
    error_message = "Each of the regions must be the name of one, such as eu-central-1."
  }
}

variable "repositories" {
  description = "The names of the repositories whose content is read, in which * and ? stand for any. The names and tags of all can be listed."
  type        = list(string)
  default     = ["*"]
  nullable    = false

  validation {
    condition     = length(var.repositories) > 0 && alltrue([for name in var.repositories : can(regex("^[A-Za-z0-9_.*?-]+$", name))])
    error_message = "Each of the repositories must be a name, in which * and ? stand for any; one at least."
  }
}

variable "keys" {
  description = "The ARNs of the KMS keys that encrypt repositories which have their own keys. Each key's policy must leave its use to IAM policies of its account, as KMS's default policy does."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.keys : can(regex("^arn:[^:]+:kms:[^:]+:\\d{12}:key/[^*?]+$", arn))])
    error_message = "Each of the keys must be the ARN of a KMS key, not an alias or an id, and without wildcards."
  }
}

variable "events" {
  description = "Where pushes in this region are sent: bus_arn, the event_bus of the output codecommit of the deployment that reads, which must hear events. Null for nowhere; then runs by schedule find them. In further regions, use the module codecommit-events."
  type        = object({ bus_arn = string })
  default     = null
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
