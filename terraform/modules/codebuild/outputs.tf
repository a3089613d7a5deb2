output "build" {
  description = "The project: its name, its ARN, how long a build may take, its role, its log group and the bucket of its program."
  value = {
    name            = aws_codebuild_project.backup.name
    arn             = aws_codebuild_project.backup.arn
    timeout_minutes = var.build.timeout_minutes
    role_arn        = aws_iam_role.build.arn
    log_group       = aws_cloudwatch_log_group.builds.name
    bucket          = aws_s3_bucket.artifacts.id
  }

  # A build needs all the rights of its role.
  depends_on = [aws_iam_role_policy.own, aws_iam_role_policy.given]
}
