variable "bucket" {
  description = "The bucket: its id and its ARN. It is created by the module that knows what becomes of it when the deployment goes."
  type        = object({ id = string, arn = string })
}

variable "replaced_days" {
  description = "How many days a version stays that was replaced or removed."
  type        = number
  nullable    = false

  validation {
    condition     = var.replaced_days >= 1 && floor(var.replaced_days) == var.replaced_days
    error_message = "replaced_days must be a whole number of at least 1."
  }
}

variable "expiration_days" {
  description = "After how many days an object is removed; null for never."
  type        = number
  default     = null
}
