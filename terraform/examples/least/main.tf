# GitHub, monthly, with all defaults. The secret prod/github-backup must exist: docs/deploy.md, step 3.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  default_tags {
    tags = { holdfast = "holdfast" }
  }
}

module "holdfast" {
  source = "../../modules/holdfast"

  github = {}
}

output "vault" {
  value = module.holdfast.vault
}
