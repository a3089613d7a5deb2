terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }

  # Where the state lies comes from outside: terraform init -backend-config=backend.hcl
  backend "s3" {}
}
