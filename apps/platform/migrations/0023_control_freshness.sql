-- Compliance: how long evidence of a control counts as fresh is for the tenant to say.

ALTER TABLE sec.tenant_control_status
  ADD COLUMN fresh_days integer NOT NULL DEFAULT 90 CHECK (fresh_days BETWEEN 1 AND 3650);
COMMENT ON COLUMN sec.tenant_control_status.fresh_days IS 'Days after which evidence of the control is stale.';
