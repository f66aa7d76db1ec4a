output "database_endpoint" {
  description = "Host of the writer, for every URL."
  value       = aws_rds_cluster.database.endpoint
}

output "master_user_secret_arn" {
  description = "Secret with the password of cluster_admin, for making the migrator's login."
  value       = aws_rds_cluster.database.master_user_secret[0].secret_arn
}

output "application_security_group_id" {
  description = "What server, workers, pooler and migrate step carry to reach the database."
  value       = aws_security_group.application.id
}

output "secret_arns" {
  description = "Secrets by name, to be filled once."
  value       = { for name, secret in aws_secretsmanager_secret.platform : name => secret.arn }
}

output "policy_arns" {
  description = "Policies for the roles of the three programs."
  value = merge(
    { for name, policy in aws_iam_policy.read_secrets : name => policy.arn },
    { tenant_keys = aws_iam_policy.tenant_keys.arn },
  )
}
