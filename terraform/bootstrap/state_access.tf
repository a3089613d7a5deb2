data "aws_iam_policy_document" "state_access" {
  # Finds the state.
  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.state.arn]
  }

  # Reads the state, and the lock that another holds.
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.state.arn}/${var.name}/*"]
  }

  # Takes and releases the lock: also a plan must not run while another run applies.
  # https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required
  statement {
    sid       = "Lock"
    actions   = ["s3:PutObject", "s3:DeleteObject"]
    resources = ["${aws_s3_bucket.state.arn}/${var.name}/*.tflock"]
  }
}
