# Every source, in a VPC, into a vault that is locked and copied.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

locals {
  name = "acme-backup"
}

provider "aws" {
  default_tags {
    tags = { holdfast = local.name, team = "platform" }
  }
}

module "holdfast" {
  source = "../../modules/holdfast"

  name = local.name

  github = {
    prefix    = "backups"
    schedule  = { expression = "cron(0 3 * * ? *)", time_zone = "Europe/Berlin" }
    retention = { days = 90, monthly = 24, yearly = 10, keep_last = 3 }
  }
  git_hosts = {
    gitlab = { prefix = "backups", schedule = { expression = "rate(1 day)" } }
    gitea  = { prefix = "backups", schedule = { expression = "rate(1 day)" } }
  }
  codecommit = {
    prefix  = "backups"
    regions = ["eu-central-1", "us-east-1"]
    events  = true
  }
  codeartifact = {
    prefix = "backups"
  }
  efs = {
    network = {
      vpc_id     = "vpc-0123456789abcdef0"
      subnet_ids = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
    }
    file_systems = {
      home = {
        source = { file_system_id = "fs-0123456789abcdef0", security_group_id = "sg-0123456789abcdef0" }
        retain = 30
      }
    }
  }

  vault = {
    object_lock = { mode = "GOVERNANCE", days = 30 }
    replication = {
      bucket_arn  = "arn:aws:s3:::acme-backup-copy"
      account_id  = "210987654321"
      key_arn     = "arn:aws:kms:eu-west-1:210987654321:key/01234567-89ab-cdef-0123-456789abcdef"
      object_lock = true
    }
  }
  notifications = { emails = ["backups@example.com"], success = true }
  network = {
    subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
    security_group_ids = ["sg-0123456789abcdef0"]
  }
}

output "vault" {
  value = module.holdfast.vault
}
