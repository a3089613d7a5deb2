variable "name" {
  description = "What everything of this file system is called, such as holdfast-efs-home."
  type        = string

  validation {
    # https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name)) && length(var.name) <= 50
    error_message = "The name must have no more than 50 lower case letters, digits and hyphens."
  }
}

variable "file_system_name" {
  description = "The name of the file system in the deployment, by which its tasks are called."
  type        = string
}

variable "file_system" {
  description = <<-EOT
    One file system and how it is backed up.
    - source: its id, and the access point through which it is mounted, if any; security_group_id, the group of its
      mount targets, where instances are to be let in by a rule that is made here.
    - vault: the file system that takes the snapshots, by file_system_id, access_point and security_group_id as of the
      source; or without them one is created: performance_mode, throughput_mode (with provisioned: throughput_mibps), key_arn of the KMS key
      that encrypts it (AWS's own by default), archive_days, after which what is not read becomes cheaper (0: never).
    - restore_to: further file systems that restores may go to. The source is always one.
    - instance_type, workers: the machine that copies, and how many workers at once; by its processors if null.
  EOT
  type = object({
    source = object({
      file_system_id    = string
      access_point      = optional(string)
      security_group_id = optional(string)
    })
    vault = optional(object({
      file_system_id    = optional(string)
      access_point      = optional(string)
      security_group_id = optional(string)
      performance_mode  = optional(string, "generalPurpose")
      throughput_mode   = optional(string, "elastic")
      throughput_mibps  = optional(number)
      key_arn           = optional(string)
      archive_days      = optional(number, 30)
    }), {})
    restore_to    = optional(list(string), [])
    instance_type = optional(string, "c7g.large")
    volume_gib    = optional(number, 8)
  })

  validation {
    condition = alltrue([
      for id in concat([var.file_system.source.file_system_id], var.file_system.restore_to, var.file_system.vault.file_system_id == null ? [] : [var.file_system.vault.file_system_id]) :
      can(regex("^fs-[0-9a-f]{8,40}$", id))
    ])
    error_message = "A file system must be named by its id, such as fs-0123456789abcdef0."
  }
  validation {
    condition = alltrue([
      for id in [var.file_system.source.access_point, var.file_system.vault.access_point] : id == null || can(regex("^fsap-[0-9a-f]{8,40}$", id))
    ])
    error_message = "An access point must be named by its id, such as fsap-0123456789abcdef0."
  }
  validation {
    condition = alltrue([
      for id in [var.file_system.source.security_group_id, var.file_system.vault.security_group_id] : id == null || can(regex("^sg-[0-9a-f]+$", id))
    ])
    error_message = "security_group_id must be the id of a security group."
  }
  validation {
    condition     = var.file_system.source.file_system_id != var.file_system.vault.file_system_id
    error_message = "A file system cannot be backed up into itself: vault.file_system_id must be another one than source.file_system_id."
  }
  validation {
    condition     = (var.file_system.vault.access_point == null && var.file_system.vault.security_group_id == null) || var.file_system.vault.file_system_id != null
    error_message = "vault.access_point and security_group_id belong to a given file system: vault.file_system_id is missing."
  }
  validation {
    condition     = contains(["generalPurpose", "maxIO"], var.file_system.vault.performance_mode)
    error_message = "vault.performance_mode must be generalPurpose or maxIO."
  }
  validation {
    condition     = contains(["elastic", "bursting", "provisioned"], var.file_system.vault.throughput_mode)
    error_message = "vault.throughput_mode must be elastic, bursting or provisioned."
  }
  validation {
    condition     = (var.file_system.vault.throughput_mode == "provisioned") == (var.file_system.vault.throughput_mibps != null)
    error_message = "vault.throughput_mibps belongs to throughput_mode = \"provisioned\", and to no other."
  }
  validation {
    # https://docs.aws.amazon.com/efs/latest/ug/performance.html
    condition     = !(var.file_system.vault.performance_mode == "maxIO" && var.file_system.vault.throughput_mode == "elastic")
    error_message = "EFS has no elastic throughput in the performance mode maxIO: choose bursting or provisioned for vault.throughput_mode."
  }
  validation {
    condition     = var.file_system.vault.key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:\\d{12}:key/.+$", var.file_system.vault.key_arn))
    error_message = "vault.key_arn must be the ARN of a KMS key, not an alias or an id."
  }
  validation {
    # https://docs.aws.amazon.com/efs/latest/ug/API_LifecyclePolicy.html
    condition     = contains([0, 1, 7, 14, 30, 60, 90, 180, 270, 365], var.file_system.vault.archive_days)
    error_message = "vault.archive_days must be 0 for never, or what EFS knows: 1, 7, 14, 30, 60, 90, 180, 270 or 365."
  }
  validation {
    condition     = can(regex("^[a-z0-9-]+\\.[a-z0-9-]+$", var.file_system.instance_type))
    error_message = "instance_type must be a type of EC2 instances, such as c7g.large."
  }
}

variable "network" {
  description = <<-EOT
    Where instances and mount targets are.
    - vpc_id, subnet_ids: two or more subnets, in different zones.
    - security_group_ids: further security groups of the instances, such as one that the source lets in.
    - nfs_cidrs: addresses of mount targets that instances may reach; by default the VPC's.
    - https_cidrs: addresses that instances may reach over HTTPS: AWS's APIs and the packages of Amazon Linux.
    - dns_servers: addresses of DNS servers in place of the VPC's; they must resolve the names of EFS's mount targets.
    - proxy: URL of the proxy for HTTPS, without credentials; no_proxy: what is reached without it.
  EOT
  type = object({
    vpc_id             = string
    subnet_ids         = list(string)
    security_group_ids = optional(list(string), [])
    nfs_cidrs          = optional(list(string), [])
    https_cidrs        = optional(list(string), ["0.0.0.0/0"])
    dns_servers        = optional(list(string), [])
    proxy              = optional(string)
    no_proxy           = optional(list(string), [])
  })

  validation {
    condition     = length(distinct(var.network.subnet_ids)) >= 2 && length(distinct(var.network.subnet_ids)) == length(var.network.subnet_ids)
    error_message = "network.subnet_ids must name two or more subnets, each once and in its own zone: where one zone has no capacity, another one has."
  }
  validation {
    condition     = alltrue([for cidr in concat(var.network.nfs_cidrs, var.network.https_cidrs) : can(cidrnetmask(cidr))])
    error_message = "Each of network.nfs_cidrs and network.https_cidrs must be a range of IPv4 addresses, such as 10.0.0.0/16."
  }
  validation {
    condition     = alltrue([for server in var.network.dns_servers : can(cidrnetmask("${server}/32"))])
    error_message = "Each of network.dns_servers must be an IPv4 address."
  }
  validation {
    # Anyone who may describe the launch template could read the credentials.
    condition     = var.network.proxy == null || can(regex("^https?://[A-Za-z0-9.-]+:[0-9]+$", var.network.proxy))
    error_message = "network.proxy must be a URL with a port and without credentials, such as http://proxy.example.com:3128."
  }
  validation {
    condition     = alltrue([for host in var.network.no_proxy : can(regex("^[A-Za-z0-9.:/*-]+$", host))])
    error_message = "Each of network.no_proxy must be a host, a domain or a range of addresses."
  }
}

variable "program" {
  description = "The program that instances run: its bucket, its key, and the SHA-256 by which they know it again."
  type = object({
    bucket     = string
    bucket_arn = string
    key        = string
    sha256     = string
  })
}

variable "records" {
  description = "Where instances find their task and leave what became of it: the table, the bucket of results and logs, and the log group."
  type = object({
    table     = object({ name = string, arn = string })
    logs      = object({ bucket = string, arn = string })
    log_group = object({ name = string, arn = string })
  })
}

variable "platform" {
  description = "The runtime, whose major version of Node.js instances use too, and the boundary of the roles."
  type = object({
    runtime              = string
    permissions_boundary = optional(string)
  })
}
