# What the application's tasks or instances carry. It has no rule of its own here but the way to the
# database: what reaches the application is for its load balancer to say.
resource "aws_security_group" "application" {
  name        = "${var.name}-application"
  description = "Server, workers, pooler and migrate step of ${var.name}"
  vpc_id      = var.vpc_id

  depends_on = [terraform_data.apply_guard]
}

resource "aws_security_group" "database" {
  name        = "${var.name}-database"
  description = "Database of ${var.name}: from the application only"
  vpc_id      = var.vpc_id

  depends_on = [terraform_data.apply_guard]
}

resource "aws_vpc_security_group_ingress_rule" "database_from_application" {
  security_group_id            = aws_security_group.database.id
  description                  = "PostgreSQL from the application"
  referenced_security_group_id = aws_security_group.application.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_vpc_security_group_egress_rule" "application_to_database" {
  security_group_id            = aws_security_group.application.id
  description                  = "PostgreSQL"
  referenced_security_group_id = aws_security_group.database.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

# Identity provider, AWS APIs, webhooks of tenants; the platform itself refuses private targets.
resource "aws_vpc_security_group_egress_rule" "application_to_https" {
  security_group_id = aws_security_group.application.id
  description       = "HTTPS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
