locals {
  # Signed contexts are parameters of statements: as long as no parameter is logged, none is in a log.
  parameters = {
    "rds.force_ssl"                       = { value = "1", apply_method = "pending-reboot" }
    "log_statement"                       = { value = "none", apply_method = "immediate" }
    "log_parameter_max_length"            = { value = "0", apply_method = "immediate" }
    "log_parameter_max_length_on_error"   = { value = "0", apply_method = "immediate" }
    "log_min_duration_statement"          = { value = "2000", apply_method = "immediate" }
    "log_lock_waits"                      = { value = "1", apply_method = "immediate" }
    "password_encryption"                 = { value = "scram-sha-256", apply_method = "immediate" }
    "idle_in_transaction_session_timeout" = { value = "60000", apply_method = "immediate" }
  }
}

resource "aws_rds_cluster_parameter_group" "database" {
  name_prefix = "${var.name}-"
  family      = "aurora-postgresql${split(".", var.engine_version)[0]}"
  description = "TLS only, and no parameter of a statement in a log"

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = parameter.value.apply_method
    }
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [terraform_data.apply_guard]
}

resource "aws_db_subnet_group" "database" {
  name        = "${var.name}-database"
  description = "Private subnets of the database"
  subnet_ids  = var.database_subnet_ids

  depends_on = [terraform_data.apply_guard]
}

resource "aws_rds_cluster" "database" {
  cluster_identifier = var.name
  engine             = "aurora-postgresql"
  engine_version     = var.engine_version
  database_name      = "platform"
  port               = 5432

  # Makes the migrator's login once (deploy/postgres/migrator.sql) and is used for nothing else; AWS
  # rotates its password, which is in no state file.
  master_username               = "cluster_admin"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = aws_kms_key.database.key_id

  storage_encrypted = true
  kms_key_id        = aws_kms_key.database.arn

  db_subnet_group_name            = aws_db_subnet_group.database.name
  vpc_security_group_ids          = [aws_security_group.database.id]
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.database.name

  backup_retention_period      = var.backup_retention_days
  preferred_backup_window      = "02:00-03:00"
  preferred_maintenance_window = "sun:03:30-sun:04:30"
  copy_tags_to_snapshot        = true
  skip_final_snapshot          = false
  final_snapshot_identifier    = "${var.name}-final"
  deletion_protection          = true

  enabled_cloudwatch_logs_exports = ["postgresql"]
  apply_immediately               = false
  allow_major_version_upgrade     = false

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [terraform_data.apply_guard]
}

resource "aws_rds_cluster_instance" "database" {
  count = var.instance_count

  identifier           = "${var.name}-${count.index}"
  cluster_identifier   = aws_rds_cluster.database.id
  instance_class       = var.instance_class
  engine               = aws_rds_cluster.database.engine
  engine_version       = aws_rds_cluster.database.engine_version
  db_subnet_group_name = aws_db_subnet_group.database.name

  publicly_accessible        = false
  auto_minor_version_upgrade = true
  copy_tags_to_snapshot      = true

  # Performance Insights keeps texts of statements, whose parameters it does not see.
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.database.arn
}
