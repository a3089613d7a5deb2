output "role" {
  description = "The role, as codecommit.roles of the deployment that reads takes it."
  value = {
    arn         = aws_iam_role.reader.arn
    external_id = var.external_id
  }

  # The principal that assumes the role needs it with its permissions.
  depends_on = [aws_iam_role_policy.repositories]
}
