output "backend" {
  description = "Content of terraform/backend.hcl."
  value       = <<-EOT
    bucket       = "${aws_s3_bucket.state.id}"
    key          = "${var.name}/terraform.tfstate"
    region       = "${local.region}"
    encrypt      = true
    use_lockfile = true
  EOT
}

output "roles" {
  description = "The roles that workflows take: plan on pull requests, apply in the protected environment."
  value       = { for use, role in aws_iam_role.deploy : use => role.arn }
}

output "permissions_boundary" {
  description = "For the root's variable permissions_boundary: without it the apply role may create no roles."
  value       = aws_iam_policy.boundary.arn
}
