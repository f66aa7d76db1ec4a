-- Lists that grow without end are read by an index: the tenant first, then what the list is filtered
-- by, then what it is ordered by.

CREATE INDEX access_grants_newest ON core.access_grants (tenant_id, created_at DESC, id DESC);
CREATE INDEX org_units_newest ON core.org_units (tenant_id, created_at DESC, id DESC);
CREATE INDEX organization_requests_newest
  ON core.organization_requests (requested_by, created_at DESC, id DESC);
CREATE INDEX organization_requests_of_all ON core.organization_requests (created_at DESC, id DESC);
CREATE INDEX tenants_newest ON core.tenants (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX enrollment_tokens_newest
  ON sec.enrollment_tokens (tenant_id, created_at DESC, id DESC);
CREATE INDEX exports_newest ON sec.exports (tenant_id, created_at DESC, id DESC);
CREATE INDEX integration_destinations_newest
  ON sec.integration_destinations (tenant_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX files_newest ON media.files (tenant_id, created_at DESC, id DESC)
  WHERE deleted_at IS NULL;
CREATE INDEX templates_newest ON notify.templates (tenant_id, updated_at DESC, id DESC);
CREATE INDEX registrations_of_user
  ON evt.registrations (tenant_id, user_id, registered_at DESC, id DESC) WHERE user_id IS NOT NULL;
CREATE INDEX waitlist_entries_newest
  ON evt.waitlist_entries (tenant_id, event_id, joined_at DESC, id DESC);
CREATE INDEX check_ins_newest ON evt.check_ins (tenant_id, checked_in_at DESC, id DESC);

-- The audit log is listed along its chain, and searched by who, to what, what, when and what failed.
CREATE INDEX audit_log_of_actor ON ops.audit_log (tenant_id, actor_id, chain_position);
CREATE INDEX audit_log_of_target ON ops.audit_log (tenant_id, target_id, chain_position)
  WHERE target_id IS NOT NULL;
CREATE INDEX audit_log_of_action
  ON ops.audit_log (tenant_id, (action COLLATE "C"), chain_position);
CREATE INDEX audit_log_of_time ON ops.audit_log (tenant_id, occurred_at);
CREATE INDEX audit_log_not_allowed ON ops.audit_log (tenant_id, chain_position)
  WHERE outcome <> 'allowed';
