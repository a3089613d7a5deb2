output "file_system" {
  description = "What was deployed for the file system: its Auto Scaling group, the vault's file system, the security groups, and the role of the instances."
  value = {
    group                = aws_autoscaling_group.group.name
    group_arn            = aws_autoscaling_group.group.arn
    source_id            = local.source_id
    vault_id             = local.vault_id
    instance_role_arn    = aws_iam_role.instance.arn
    launch_template      = aws_launch_template.instance.name
    security_group_id    = aws_security_group.instance.id
    vault_security_group = one(aws_security_group.vault[*].id)
  }

  # The starter of a task needs the vault reachable, and the hooks in place.
  depends_on = [
    aws_efs_mount_target.vault,
    aws_autoscaling_lifecycle_hook.launch,
    aws_autoscaling_lifecycle_hook.terminate,
    aws_vpc_security_group_ingress_rule.vault,
    aws_vpc_security_group_ingress_rule.given,
  ]
}
