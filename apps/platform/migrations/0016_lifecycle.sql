-- Legal holds on tenants, and one request for an organisation as platform staff see it.

CREATE TABLE core.legal_holds (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  reason text NOT NULL CHECK (length(btrim(reason)) > 0 AND length(reason) <= 1000),
  placed_by uuid NOT NULL REFERENCES core.users (id),
  placed_at timestamptz NOT NULL DEFAULT now(),
  released_by uuid REFERENCES core.users (id),
  released_at timestamptz,
  CHECK ((released_by IS NULL) = (released_at IS NULL))
);
CREATE UNIQUE INDEX legal_holds_one_live ON core.legal_holds (tenant_id)
  WHERE released_at IS NULL;
CREATE INDEX legal_holds_tenant ON core.legal_holds (tenant_id, placed_at DESC);
COMMENT ON TABLE core.legal_holds IS 'Why nothing of a tenant may be erased, while it is not released; placed and released by platform staff, hidden from members.';

CREATE FUNCTION core.organization_request_for_platform(request_id uuid)
RETURNS TABLE (id uuid, requested_by uuid, requester_email text, organization_name text, slug text,
  message text, status core.request_status, decided_by uuid, decided_at timestamptz,
  decision_note text, created_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT r.id, r.requested_by, u.email::text, r.organization_name, r.slug::text, r.message,
      r.status, r.decided_by, r.decided_at, r.decision_note, r.created_at
    FROM core.organization_requests r
    JOIN core.users u ON u.id = r.requested_by
    WHERE r.id = request_id AND (SELECT watertight.mode()) = 'platform'
      AND EXISTS (
        SELECT FROM core.users s
        WHERE s.id = (SELECT watertight.user_id()) AND s.is_platform_staff
          AND s.status = 'active' AND s.deleted_at IS NULL);
END
$$;
REVOKE ALL ON FUNCTION core.organization_request_for_platform(uuid) FROM PUBLIC;
COMMENT ON FUNCTION core.organization_request_for_platform(uuid) IS
  'One request for a new tenant for platform staff.';

-- A hold stands in the way of every DELETE, whoever forgets to ask for it.
CREATE FUNCTION core.keep_live_hold() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION USING errcode = '23001', message = 'the tenant is under legal hold';
END
$$;
REVOKE ALL ON FUNCTION core.keep_live_hold() FROM PUBLIC;
CREATE TRIGGER legal_holds_stand BEFORE DELETE ON core.legal_holds
  FOR EACH ROW WHEN (OLD.released_at IS NULL) EXECUTE FUNCTION core.keep_live_hold();

-- Published versions stay, unless all of their tenant goes.
CREATE OR REPLACE FUNCTION eval.keep_published_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  expected eval.evaluation_versions := OLD;
BEGIN
  -- Whoever erases a tenant says which one, and owns the table; saying it alone allows nothing.
  IF TG_OP = 'DELETE' AND current_setting('watertight.erasing', true) = OLD.tenant_id::text
    AND (SELECT pg_has_role(current_user, c.relowner, 'MEMBER')
      -- A cascade runs as the owner, whoever set it off.
      AND pg_has_role(session_user, c.relowner, 'MEMBER')
      FROM pg_catalog.pg_class c WHERE c.oid = TG_RELID) THEN
    RETURN OLD;
  END IF;
  IF OLD.state = 'draft' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF OLD.state = 'published' AND NEW.state = 'withdrawn' THEN
      expected.state := NEW.state;
    END IF;
    IF NEW IS NOT DISTINCT FROM expected THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'evaluation version % is published and cannot be changed', OLD.id
    USING ERRCODE = 'restrict_violation', HINT = 'Create a new version, or withdraw this one.';
END
$$;
