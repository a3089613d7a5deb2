variable "name" {
  description = "Name of the deployment, the same as the root's: the roles may touch what is called by it, and nothing else."
  type        = string
  default     = "holdfast"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,12}[a-z0-9]$", var.name))
    error_message = "The name must have 3 to 14 lower case letters, digits and hyphens, begin with a letter and not end with a hyphen."
  }
  validation {
    # What a deployment creates is known by its name and that of a source.
    condition     = !can(regex("-(${join("|", keys(local.known.names))})", var.name))
    error_message = "The name must not contain a hyphen and the name of a source (${join(", ", keys(local.known.names))}): what it names could be taken for another deployment's."
  }
}

variable "vault_changes" {
  description = <<-EOT
    Lets the role that applies set up the vault, and change how it is protected, for a day from the apply of this: for the
    first apply of a deployment, that of EFS, and for changes of the vault, its key, or the bucket of EFS's results. At all
    other times the role is denied it, so that who steals the role cannot remove snapshots by way of a policy.
  EOT
  type        = bool
  default     = false
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

variable "repository" {
  description = <<-EOT
    The GitHub repository whose workflows deploy.
    - owner, name: as in github.com/owner/name.
    - owner_id, id: their numbers (gh api repos/owner/name --jq '.owner.id, .id'). GitHub puts them into the subject of
      tokens for repositories created or renamed since July 2026; they also keep out anyone who takes over a name that
      became free. Both or neither.
    - environment: the protected environment that applies run in.
  EOT
  type = object({
    owner       = string
    name        = string
    owner_id    = optional(number)
    id          = optional(number)
    environment = optional(string, "production")
  })

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]*$", var.repository.owner))
    error_message = "repository.owner must be the login of a user or an organisation."
  }
  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+$", var.repository.name))
    error_message = "repository.name must be the name alone, without its owner."
  }
  validation {
    condition     = (var.repository.owner_id == null) == (var.repository.id == null)
    error_message = "repository.owner_id and repository.id belong together: give both or neither."
  }
  validation {
    condition     = can(regex("^[^*?:]+$", var.repository.environment))
    error_message = "repository.environment must be the name of one environment, without wildcards and colons."
  }
}

variable "oidc" {
  description = <<-EOT
    How GitHub proves itself to AWS.
    - provider_arn: an OIDC provider that the account has already: it can have only one for GitHub. Null to create it.
    - host: the issuer; another one for GitHub Enterprise Server.
    - audience: who the tokens are meant for; China's regions use sts.amazonaws.com.cn.
  EOT
  type = object({
    provider_arn = optional(string)
    host         = optional(string, "token.actions.githubusercontent.com")
    audience     = optional(string, "sts.amazonaws.com")
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.oidc.provider_arn == null || can(regex("^arn:[^:]+:iam::\\d{12}:oidc-provider/.+$", var.oidc.provider_arn))
    error_message = "oidc.provider_arn must be the ARN of an OIDC provider."
  }
  validation {
    condition     = can(regex("^[^/:]+(/.+)?$", var.oidc.host))
    error_message = "oidc.host must be a host name, without https://."
  }
}

variable "granted" {
  description = <<-EOT
    What deployments may use that is not called by their name.
    - secrets: the names of the secrets that sources read.
    - git_hosts: the further Git hosts that the root's git_hosts names.
    - vaults: the names of buckets, where the root's vault.bucket is set.
    - keys: the ARNs of KMS keys, where the root is given any: for the vault, its copies, the secrets, the logs.
    - copies: the ARNs of buckets that the vault is replicated to.
    - roles: the ARNs of roles of other accounts that functions assume, where the root's codecommit.roles names any.
    - domain_owners: other accounts, by their 12 digits, whose domains of CodeArtifact are read.
    - network: true where the root's network connects functions to a VPC.
    - efs: {} where the root's efs is set; security_groups are the ids of those that it names, of mount targets.
  EOT
  type = object({
    secrets = optional(list(string), ["prod/github-backup"])

    git_hosts = optional(list(string), [])

    vaults  = optional(list(string), [])
    keys    = optional(list(string), [])
    copies  = optional(list(string), [])
    roles   = optional(list(string), [])
    network = optional(bool, false)

    domain_owners = optional(list(string), [])
    efs = optional(object({
      security_groups = optional(list(string), [])
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(var.granted.git_hosts, local.known.git_hosts)) == 0
    error_message = "granted.git_hosts must be of ${join(", ", local.known.git_hosts)}."
  }
  validation {
    condition     = alltrue([for name in var.granted.secrets : can(regex("^[A-Za-z0-9/_+=.@-]{1,512}$", name))])
    error_message = "Each of granted.secrets must be the name of a secret, without wildcards."
  }
  validation {
    condition     = alltrue([for name in var.granted.vaults : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", name))])
    error_message = "Each of granted.vaults must be the name of a bucket, without wildcards."
  }
  validation {
    condition     = alltrue([for arn in var.granted.keys : can(regex("^arn:[^:]+:kms:[^:]+:\\d{12}:key/[^*?]+$", arn))])
    error_message = "Each of granted.keys must be the ARN of a KMS key, without wildcards."
  }
  validation {
    condition     = alltrue([for arn in var.granted.copies : can(regex("^arn:[^:]+:s3:::[a-z0-9.-]+$", arn))])
    error_message = "Each of granted.copies must be the ARN of a bucket, without wildcards."
  }
  validation {
    condition     = alltrue([for arn in var.granted.roles : can(regex("^arn:[a-z-]+:iam::\\d{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "Each of granted.roles must be the ARN of a role, without wildcards."
  }
  validation {
    condition     = alltrue([for account in var.granted.domain_owners : can(regex("^\\d{12}$", account))])
    error_message = "Each of granted.domain_owners must be the number of an account, of 12 digits."
  }
  validation {
    condition     = alltrue([for id in try(var.granted.efs.security_groups, []) : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "Each of granted.efs.security_groups must be the id of a security group."
  }
}
