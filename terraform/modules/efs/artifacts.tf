# Holds the program that instances run. It comes from the same build as the functions and can be made again at any time.
resource "aws_s3_bucket" "artifacts" {
  bucket        = "${local.name}-artifacts-${local.account}-${local.region}"
  force_destroy = true
}

module "artifacts_bucket" {
  source        = "../private-bucket"
  bucket        = { id = aws_s3_bucket.artifacts.id, arn = aws_s3_bucket.artifacts.arn }
  replaced_days = 30
}

locals {
  program_file   = "${var.artifacts}/holdfast.mjs"
  program_digest = filesha256(local.program_file)
  program = {
    bucket     = module.artifacts_bucket.bucket
    bucket_arn = aws_s3_bucket.artifacts.arn
    key        = aws_s3_object.program.key
    sha256     = local.program_digest
  }
}

resource "aws_s3_object" "program" {
  bucket = module.artifacts_bucket.bucket
  # Named by its content, so that an instance that boots gets the program that its launch template names.
  key         = "holdfast-${substr(local.program_digest, 0, 16)}.mjs"
  source      = local.program_file
  source_hash = local.program_digest

  # An object takes ten tags, a deployment may have more.
  override_provider {
    default_tags {
      tags = {}
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}
