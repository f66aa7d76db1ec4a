-- Security operations: a pending asset can be turned down, and alerts say who resolved them.

ALTER TABLE sec.assets DROP CONSTRAINT assets_check;
ALTER TABLE sec.assets ADD CONSTRAINT assets_approval CHECK (
  CASE status WHEN 'pending' THEN approved_at IS NULL WHEN 'approved' THEN approved_at IS NOT NULL
  ELSE true END);
COMMENT ON CONSTRAINT assets_approval ON sec.assets IS
  'Who is retired may have been turned down before anybody approved of them.';

ALTER TABLE sec.alerts ADD COLUMN resolved_by uuid REFERENCES core.users (id);

-- Lists that grow without end, in the order in which they are shown.
CREATE INDEX assets_newest ON sec.assets (tenant_id, created_at DESC, id DESC);
CREATE INDEX assets_by_name ON sec.assets (tenant_id, (lower(display_name) COLLATE "C"), id);
CREATE INDEX alerts_newest ON sec.alerts (tenant_id, detected_at DESC, id DESC);
CREATE INDEX alerts_of_asset ON sec.alerts (tenant_id, asset_id) WHERE asset_id IS NOT NULL;
CREATE INDEX tickets_newest ON sec.tickets (tenant_id, opened_at DESC, id DESC);
CREATE INDEX deliveries_newest ON sec.deliveries (tenant_id, created_at DESC, id DESC);
CREATE INDEX evidence_newest ON sec.evidence (tenant_id, collected_at DESC, id DESC);
CREATE INDEX evidence_superseded ON sec.evidence (supersedes_id) WHERE supersedes_id IS NOT NULL;
CREATE INDEX notification_logs_newest
  ON notify.notification_logs (tenant_id, created_at DESC, id DESC);
