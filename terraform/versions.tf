terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # The one that everything is tested with, and nothing that comes after its last: the next major version is tried by a
      # workflow of its own before it is taken.
      version = "~> 5.100"
    }
  }

  # Where the state lies comes from outside: terraform init -backend-config=backend.hcl
  backend "s3" {}
}
