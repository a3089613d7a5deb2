# The core that every function stands on. A version that functions use no longer stays until the next one replaces it.
resource "aws_lambda_layer_version" "core" {
  layer_name               = "${var.name}-core"
  description              = "Holdfast's core and the libraries that the runtime lacks"
  filename                 = "${local.artifacts}/layer.zip"
  source_code_hash         = filebase64sha256("${local.artifacts}/layer.zip")
  compatible_runtimes      = [var.lambda_runtime]
  compatible_architectures = [var.architecture]

  # Functions move to the new version before the old one goes.
  lifecycle {
    create_before_destroy = true

    # Here, since every function stands on it.
    precondition {
      condition     = var.artifacts_digest == null || try(filesha256("${local.artifacts}/SHA256SUMS") == var.artifacts_digest, false)
      error_message = "SHA256SUMS in the folder of artifacts is missing, or is not the one that artifacts_digest means."
    }
    precondition {
      condition     = alltrue([for name, digest in local.digests : try(filesha256("${local.artifacts}/${name}") == digest, false)])
      error_message = "Not everything in the folder of artifacts is what SHA256SUMS says."
    }
  }
}
