# The account 123456789012 has the repositories and is backed up; 210987654321 owns the vault. What runs in the first can
# add to the vault, and can neither replace nor remove anything there.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "source_account" {
  description = "The 12 digits of the account that has the repositories."
  type        = string
  default     = "123456789012"
}

variable "vault_account" {
  description = "The 12 digits of the account that owns the vault."
  type        = string
  default     = "210987654321"
}

# The account that has the repositories, by the credentials of the environment.
provider "aws" {
  default_tags {
    tags = { holdfast = "holdfast" }
  }
}

# The account that owns the vault, by a role there that may set it up.
provider "aws" {
  alias = "vault"

  assume_role {
    role_arn = "arn:aws:iam::${var.vault_account}:role/backup-administrator"
  }
  default_tags {
    tags = { holdfast = "vault" }
  }
}

# No source: this deployment is a vault, and nothing else.
module "vault" {
  source    = "../../modules/holdfast"
  providers = { aws = aws.vault }

  name = "vault"
  vault = {
    bucket = "acme-backups"
    writers = {
      prefix   = "code"
      accounts = { (var.source_account) = ["arn:aws:iam::${var.source_account}:role/holdfast-*"] }
    }
  }
}

module "holdfast" {
  source = "../../modules/holdfast"

  vault = {
    bucket     = module.vault.vault.bucket
    existing   = true
    account_id = var.vault_account
    encryption = { key_arn = module.vault.vault.key_arn }
  }
  codecommit = {
    prefix = "code/${var.source_account}"
    events = true
  }
}

output "vault" {
  value = module.vault.vault
}
