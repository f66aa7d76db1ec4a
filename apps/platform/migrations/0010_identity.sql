-- A person whom an issuer vouches for becomes a user when they accept an invitation to their address;
-- users tell how they are called; an API key works in the org unit that it was made in.

-- Mode worker, in the transaction that accepts the invitation: whoever runs it has locked the
-- invitation, so that one invitation makes one user at most.
CREATE FUNCTION core.user_for_invitation(
  invitation_id uuid,
  new_issuer text,
  new_subject text,
  new_email text,
  new_name text)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_id uuid;
  found_status core.user_status;
BEGIN
  IF (SELECT watertight.mode()) IS DISTINCT FROM 'worker' OR NOT EXISTS (
    SELECT FROM core.invitations i
    WHERE i.id = invitation_id AND i.tenant_id = (SELECT watertight.tenant_id())
      AND i.email::text = lower(new_email)
      AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > clock_timestamp())
  THEN
    RETURN NULL;
  END IF;
  SELECT u.id, u.status INTO found_id, found_status FROM core.users u
  WHERE u.issuer = new_issuer AND u.subject = new_subject;
  IF found_id IS NOT NULL THEN
    -- Who was disabled does not come back by an invitation.
    RETURN CASE WHEN found_status = 'active' THEN found_id END;
  END IF;
  INSERT INTO core.users (issuer, subject, email, display_name)
  VALUES (new_issuer, new_subject, lower(new_email), new_name)
  ON CONFLICT DO NOTHING
  RETURNING id INTO found_id;
  RETURN found_id;
END
$$;
REVOKE ALL ON FUNCTION core.user_for_invitation(uuid, text, text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION core.user_for_invitation(uuid, text, text, text, text) IS
  'The user of an identity that an open invitation of the tenant names by its address, made when there is none; null when there can be none.';

-- Members read users and write none, since a row also says who is staff and who is disabled.
CREATE FUNCTION core.change_own_profile(new_name text, new_locale text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE core.users AS u
  SET display_name = coalesce(new_name, u.display_name), locale = coalesce(new_locale, u.locale)
  WHERE (SELECT watertight.mode()) = 'member' AND u.id = (SELECT watertight.user_id())
    AND u.status = 'active' AND u.deleted_at IS NULL;
  RETURN FOUND;
END
$$;
REVOKE ALL ON FUNCTION core.change_own_profile(text, text) FROM PUBLIC;
COMMENT ON FUNCTION core.change_own_profile(text, text) IS
  'Changes name and locale of the user of the context; null keeps what there is.';

ALTER TABLE core.api_keys
  ADD COLUMN org_unit_id uuid,
  ADD CONSTRAINT api_keys_org_unit FOREIGN KEY (tenant_id, org_unit_id)
    REFERENCES core.org_units (tenant_id, id) ON DELETE CASCADE;
CREATE INDEX api_keys_org_unit ON core.api_keys (tenant_id, org_unit_id)
  WHERE org_unit_id IS NOT NULL;
CREATE INDEX api_keys_newest ON core.api_keys (tenant_id, created_at DESC, id DESC);
CREATE INDEX invitations_newest ON core.invitations (tenant_id, created_at DESC, id DESC);
CREATE INDEX memberships_newest ON core.memberships (tenant_id, created_at DESC, user_id DESC);
