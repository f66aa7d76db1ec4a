# Secrets by who reads them. Terraform makes them empty and never sees a value: what is written into a
# state file is no secret any more. The README has the commands that fill them.
locals {
  secrets = {
    migrator = "DATABASE_URL_MIGRATOR and the passwords of the runtime roles: the migrate step"
    app      = "PLATFORM_APP_URL: the server"
    worker   = "PLATFORM_WORKER_URL: the server and the workers"
    auditor  = "PLATFORM_AUDITOR_URL: the server"
    platform = "PLATFORM_PLATFORM_URL: the server"
    public   = "PLATFORM_PUBLIC_URL: the server"
    eraser   = "PLATFORM_ERASER_URL: the eraser"
    signing  = "WATERTIGHT_SIGNING_KEY: the migrate step, the server and the workers"
    session  = "PLATFORM_SESSION_KEY: the server"
  }

  # Each program reads what it needs: the server has no power over the schema, the worker no app login.
  readers = {
    migrate = ["migrator", "signing"]
    server  = ["app", "worker", "auditor", "platform", "public", "signing", "session"]
    worker  = ["worker", "signing"]
    eraser  = ["eraser"]
  }
}

resource "aws_secretsmanager_secret" "platform" {
  for_each = local.secrets

  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = aws_kms_key.database.arn
  recovery_window_in_days = 30

  depends_on = [terraform_data.apply_guard]
}

data "aws_iam_policy_document" "read_secrets" {
  for_each = local.readers

  statement {
    sid       = "ReadOwnSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [for name in each.value : aws_secretsmanager_secret.platform[name].arn]
  }

  statement {
    sid       = "DecryptThem"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.database.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${var.region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_policy" "read_secrets" {
  for_each = local.readers

  name        = "${var.name}-${each.key}-secrets"
  description = "Read the secrets of the ${each.key} program"
  policy      = data.aws_iam_policy_document.read_secrets[each.key].json
}
