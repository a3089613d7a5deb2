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
  }
}
