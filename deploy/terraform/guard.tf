# Planning is what this is for until somebody says otherwise: with apply_enabled = false every plan can be
# looked at, and applying it ends before anything of AWS is made or changed. Everything that
# has no way to the guard through something else names it in depends_on.
resource "terraform_data" "moment" {
  # Its id is not known before it is applied, so the precondition below is not, either.
  triggers_replace = var.apply_enabled ? null : plantimestamp()
}

resource "terraform_data" "apply_guard" {
  input = var.apply_enabled ? var.name : terraform_data.moment.id

  lifecycle {
    precondition {
      condition     = var.apply_enabled ? true : terraform_data.moment.id == ""
      error_message = "Plan only: set apply_enabled = true to make what this plan shows."
    }
  }
}
