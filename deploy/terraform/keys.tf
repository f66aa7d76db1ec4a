data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account_root = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"
}

# Who may use a key is said by IAM policies of the account: the root statement delegates to them.
data "aws_iam_policy_document" "key" {
  statement {
    sid       = "AccountDecides"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = concat([local.account_root], var.key_administrator_arns)
    }
  }
}

# Storage, snapshots and secrets of the database. Tenants' own keys are made by the platform, one for
# each tenant and purpose, and are not here: a state file must not know who the tenants are.
resource "aws_kms_key" "database" {
  description             = "${var.name}: storage, snapshots and secrets of the database"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json

  depends_on = [terraform_data.apply_guard]
}

resource "aws_kms_alias" "database" {
  name          = "alias/${var.name}-database"
  target_key_id = aws_kms_key.database.key_id
}

# What the platform may do with KMS when PLATFORM_AWS_KMS_REGION is set: make keys for tenants, use
# and end those that it made. The server and the workers run with it; the migrate step does not.
data "aws_iam_policy_document" "tenant_keys" {
  statement {
    sid       = "MakeKeys"
    actions   = ["kms:CreateKey", "kms:TagResource"]
    resources = ["*"]
  }

  statement {
    sid = "UseKeysThatItMade"
    actions = [
      "kms:Encrypt",
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:EnableKey",
      "kms:DisableKey",
      "kms:ScheduleKeyDeletion",
    ]
    resources = ["*"]

    # The tag that the platform gives to every key that it makes.
    condition {
      test     = "Null"
      variable = "aws:ResourceTag/tenant"
      values   = ["false"]
    }
  }
}

resource "aws_iam_policy" "tenant_keys" {
  name        = "${var.name}-tenant-keys"
  description = "Make, use and end the KMS keys of tenants: for the server and the workers."
  policy      = data.aws_iam_policy_document.tenant_keys.json

  depends_on = [terraform_data.apply_guard]
}
