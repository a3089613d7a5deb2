# Who talks to whom: instances to mount targets by NFS, to AWS by HTTPS, and nothing to instances.
data "aws_vpc" "vpc" {
  id = var.network.vpc_id
}

locals {
  nfs_cidrs  = coalescelist(var.network.nfs_cidrs, [data.aws_vpc.vpc.cidr_block])
  proxy_port = var.network.proxy == null ? 443 : tonumber(regex("\\d+$", var.network.proxy))
}

resource "aws_security_group" "instance" {
  name        = "${var.name}-instance"
  description = "Instances that back up ${local.source_id}"
  vpc_id      = var.network.vpc_id
  tags        = { Name = "${var.name}-instance" }
}

resource "aws_vpc_security_group_egress_rule" "nfs" {
  for_each          = toset(local.nfs_cidrs)
  security_group_id = aws_security_group.instance.id
  description       = "Mount targets of EFS"
  ip_protocol       = "tcp"
  from_port         = 2049
  to_port           = 2049
  cidr_ipv4         = each.value
}

resource "aws_vpc_security_group_egress_rule" "https" {
  for_each          = toset(var.network.https_cidrs)
  security_group_id = aws_security_group.instance.id
  description       = var.network.proxy == null ? "APIs of AWS, packages of Amazon Linux" : "The proxy"
  ip_protocol       = "tcp"
  from_port         = local.proxy_port
  to_port           = local.proxy_port
  cidr_ipv4         = each.value
}

# The VPC's own resolver needs no rule.
resource "aws_vpc_security_group_egress_rule" "dns" {
  for_each          = { for pair in setproduct(var.network.dns_servers, ["udp", "tcp"]) : join("-", pair) => { server = pair[0], protocol = pair[1] } }
  security_group_id = aws_security_group.instance.id
  description       = "DNS servers"
  ip_protocol       = each.value.protocol
  from_port         = 53
  to_port           = 53
  cidr_ipv4         = "${each.value.server}/32"
}

resource "aws_security_group" "vault" {
  count       = local.created ? 1 : 0
  name        = "${var.name}-vault"
  description = "Mount targets of the file system that holds the snapshots of ${local.source_id}"
  vpc_id      = var.network.vpc_id
  tags        = { Name = "${var.name}-vault" }
}

resource "aws_vpc_security_group_ingress_rule" "vault" {
  count                        = local.created ? 1 : 0
  security_group_id            = aws_security_group.vault[0].id
  description                  = "Instances that back up ${local.source_id}"
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  referenced_security_group_id = aws_security_group.instance.id
}

# Mount targets that others made.
resource "aws_vpc_security_group_ingress_rule" "given" {
  for_each                     = { for which, id in { source = var.file_system.source.security_group_id, vault = var.file_system.vault.security_group_id } : which => id if id != null }
  security_group_id            = each.value
  description                  = "Instances that back up ${local.source_id}"
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  referenced_security_group_id = aws_security_group.instance.id
}
