variable "apply_enabled" {
  description = "False: plans can be looked at, and applying one refuses before it touches anything of AWS."
  type        = bool
  default     = false
}

variable "region" {
  description = "Region of everything here."
  type        = string
}

variable "name" {
  description = "Prefix of all names: up to 40 of a-z, 0-9 and -, beginning with a letter."
  type        = string
  default     = "watertight"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,39}$", var.name))
    error_message = "Up to 40 of a-z, 0-9 and -, beginning with a letter."
  }
}

variable "vpc_id" {
  description = "VPC that the database and the application share."
  type        = string
}

variable "database_subnet_ids" {
  description = "Private subnets of the database, in two availability zones or more."
  type        = list(string)

  validation {
    condition     = length(var.database_subnet_ids) >= 2
    error_message = "Name private subnets in two availability zones or more."
  }
}

variable "engine_version" {
  description = "Version of Aurora PostgreSQL. Its major version decides the parameter group's family."
  type        = string
  default     = "17.5"

  validation {
    condition     = can(regex("^1[5-8]\\.[0-9]+$", var.engine_version))
    error_message = "PostgreSQL 15 to 18, with the minor version."
  }
}

variable "instance_class" {
  description = "Class of the database instances."
  type        = string
  default     = "db.r7g.large"
}

variable "instance_count" {
  description = "Instances of the cluster: one writes, the others take over."
  type        = number
  default     = 2

  validation {
    condition     = var.instance_count >= 2 && var.instance_count <= 15
    error_message = "From 2, so that another takes over, to 15."
  }
}

variable "backup_retention_days" {
  description = "Days that a point in time can be restored for. Erased tenants stay in backups that long."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_retention_days >= 7 && var.backup_retention_days <= 35
    error_message = "From 7 to 35 days."
  }
}

variable "key_administrator_arns" {
  description = "IAM principals that administer the KMS keys, beside the root of the account."
  type        = list(string)
  default     = []
}
