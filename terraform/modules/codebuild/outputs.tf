output "artifacts" {
  description = "The bucket of the program, its name and its ARN. It takes the working files of runs below runs/, which end after some weeks."
  value = {
    bucket = aws_s3_bucket.artifacts.id
    arn    = aws_s3_bucket.artifacts.arn
  }
}

output "build" {
  description = "The project: its name, its ARN, the policy of who starts builds, as JSON, how long a build may take, its role and its log group."
  value = {
    name            = aws_codebuild_project.backup.name
    arn             = aws_codebuild_project.backup.arn
    start_policy    = data.aws_iam_policy_document.start.json
    timeout_minutes = var.build.timeout_minutes
    role_arn        = aws_iam_role.build.arn
    log_group       = aws_cloudwatch_log_group.builds.name
  }

  # A build needs all the rights of its role.
  depends_on = [aws_iam_role_policy.own, aws_iam_role_policy.given]
}
