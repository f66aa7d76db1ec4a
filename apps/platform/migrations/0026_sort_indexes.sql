-- Lists in orders other than the newest first, of tables that grow: the tenant first, then what the
-- list is ordered by, then the id. Texts are ordered without regard to case in the collation "C",
-- whose order does not change with the libraries of the server. Either direction reads the same
-- index, except where rows without a key come last in both.

-- Rows that were never seen come last in either direction.
CREATE INDEX assets_last_seen
  ON sec.assets (tenant_id, last_seen_at DESC NULLS LAST, id DESC);
CREATE INDEX assets_by_hostname ON sec.assets (tenant_id, (lower(hostname) COLLATE "C"), id);
CREATE INDEX alerts_by_title ON sec.alerts (tenant_id, (lower(title) COLLATE "C"), id);
CREATE INDEX alerts_by_severity ON sec.alerts (tenant_id, severity, id);
CREATE INDEX evidence_by_title ON sec.evidence (tenant_id, (lower(title) COLLATE "C"), id);
CREATE INDEX events_by_title ON evt.events (tenant_id, (lower(title) COLLATE "C"), id)
  WHERE deleted_at IS NULL;
CREATE INDEX events_by_start ON evt.events (tenant_id, starts_at, id) WHERE deleted_at IS NULL;
CREATE INDEX registrations_by_name
  ON evt.registrations (tenant_id, event_id, (lower(attendee_name) COLLATE "C"), id);
CREATE INDEX files_by_name ON media.files (tenant_id, (lower(original_name) COLLATE "C"), id)
  WHERE deleted_at IS NULL;
CREATE INDEX files_by_size ON media.files (tenant_id, byte_count, id) WHERE deleted_at IS NULL;
CREATE INDEX evaluations_by_title ON eval.evaluations (tenant_id, (lower(title) COLLATE "C"), id);
CREATE INDEX assignments_by_close ON eval.assignments (tenant_id, closes_at, id);
