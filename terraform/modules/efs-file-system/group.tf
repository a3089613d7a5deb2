# One instance for as long as one task takes: the orchestrator sets how many are wanted, 1 or 0.
resource "aws_autoscaling_group" "group" {
  name                = var.name
  min_size            = 0
  max_size            = 1
  desired_capacity    = 0
  vpc_zone_identifier = var.network.subnet_ids
  health_check_type   = "EC2"
  # It would end an instance amid its work to start it again in another zone.
  suspended_processes = ["AZRebalance"]
  # There may be nothing to wait for: without a task it is empty.
  wait_for_capacity_timeout = "0"

  launch_template {
    id      = aws_launch_template.instance.id
    version = "$Latest"
  }

  tag {
    key                 = "Name"
    value               = var.name
    propagate_at_launch = true
  }

  lifecycle {
    ignore_changes = [desired_capacity]
  }

  # An instance must find its role with its rights.
  depends_on = [aws_iam_role_policy.instance]
}

# Without the orchestrator's word no instance goes to work.
resource "aws_autoscaling_lifecycle_hook" "launch" {
  name                   = "launch"
  autoscaling_group_name = aws_autoscaling_group.group.name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_LAUNCHING"
  default_result         = "ABANDON"
  heartbeat_timeout      = 900
}

# An instance for which the hook gets no answer goes after an hour.
resource "aws_autoscaling_lifecycle_hook" "terminate" {
  name                   = "terminate"
  autoscaling_group_name = aws_autoscaling_group.group.name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  default_result         = "ABANDON"
  heartbeat_timeout      = 3600
}
