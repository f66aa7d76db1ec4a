-- Security operations: a pending asset can be turned down, and alerts say who resolved them.

ALTER TABLE sec.assets DROP CONSTRAINT assets_check;
ALTER TABLE sec.assets ADD CONSTRAINT assets_approval CHECK (
  CASE status WHEN 'pending' THEN approved_at IS NULL WHEN 'approved' THEN approved_at IS NOT NULL
  ELSE true END);
COMMENT ON CONSTRAINT assets_approval ON sec.assets IS
  'Who is retired may have been turned down before anybody approved of them.';

ALTER TABLE sec.alerts ADD COLUMN resolved_by uuid REFERENCES core.users (id);
