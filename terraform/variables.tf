# What terraform.tfvars sets. The module checks all of it and describes it whole: modules/holdfast/variables.tf. What is
# not set here, or null, gets the module's default.

variable "name" {
  description = "Name of the deployment. Everything that is created is called by it, so several can stand in one account."
  type        = string
  default     = "holdfast"
  nullable    = false
}

variable "tags" {
  description = "Tags for everything that takes tags."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = !contains(keys(var.tags), "holdfast")
    error_message = "The tag holdfast is set already, to the name of the deployment."
  }
}

variable "artifacts" {
  description = "Folder of the zips, as seen from this one, or absolute. By default ../dist, which npm run build writes."
  type        = string
  default     = null
}

variable "artifacts_digest" {
  description = "SHA-256 of the file SHA256SUMS in that folder, where the zips come from a release."
  type        = string
  default     = null
}

variable "lambda_runtime" {
  description = "Runtime of all functions, and the version of Node.js in CodeBuild and on instances for EFS."
  type        = string
  default     = null
}

variable "architecture" {
  description = "Processor that everything runs on: arm64, which costs less, or x86_64."
  type        = string
  default     = null
}

variable "logs" {
  description = "How much is logged, and the KMS key that encrypts the logs."
  type        = any
  default     = null
}

variable "log_retention_days" {
  description = "How many days logs are kept."
  type        = number
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of the boundary that every role gets; terraform/bootstrap makes one. Null for none."
  type        = string
  default     = null
}

variable "network" {
  description = "The VPC that all functions and builds are connected to; null for none."
  type        = any
  default     = null
}

variable "vault" {
  description = "The bucket that snapshots are stored in."
  type        = any
  default     = null
}

variable "notifications" {
  description = "Who is notified of failed and partial runs and of every alarm."
  type        = any
  default     = null
}

variable "github" {
  description = "The source GitHub; null if it is not to be backed up, {} for all defaults."
  type        = any
  default     = null
}

variable "git_hosts" {
  description = "Further Git hosts by their names, which sources.json lists."
  type        = any
  default     = null
}

variable "codecommit" {
  description = "The source CodeCommit; null if it is not to be backed up, {} for all defaults."
  type        = any
  default     = null
}

variable "codeartifact" {
  description = "The source CodeArtifact; null if it is not to be backed up, {} for all defaults."
  type        = any
  default     = null
}

variable "efs" {
  description = "The source EFS; null if no file system is backed up."
  type        = any
  default     = null
}
