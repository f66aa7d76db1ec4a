-- Idempotency keys of writes outside of any tenant: of people, of platform staff, and of visitors
-- whose write a step of the server does. No role of a request reads or writes the table: each reaches
-- its own keys alone, through the functions below.

CREATE TABLE core.request_keys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- Whose the key is: a user, or a visitor as the server tells them apart.
  user_id uuid REFERENCES core.users (id) ON DELETE CASCADE,
  visitor text CHECK (length(visitor) BETWEEN 1 AND 100),
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
  method text NOT NULL CHECK (method IN ('POST', 'PUT', 'PATCH', 'DELETE')),
  path text NOT NULL,
  request_hash core.sha256_digest NOT NULL,
  response_status smallint CHECK (response_status BETWEEN 100 AND 599),
  response_body jsonb,
  -- The transaction that does the write: no other one gives the key its answer, or gives it back.
  taken_in xid8 NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  CHECK (num_nonnulls(user_id, visitor) = 1),
  UNIQUE NULLS NOT DISTINCT (user_id, visitor, key)
);
CREATE INDEX request_keys_expiry ON core.request_keys (expires_at);
COMMENT ON TABLE core.request_keys IS 'Answers already given to a repeated write outside of any tenant; of the user or visitor who sent it, through functions alone.';

-- SECURITY: without a visitor it is the key of the user of the context, whoever calls. A visitor's is
-- told to whoever knows visitor, key and request, none of which can be listed.
CREATE FUNCTION ops.take_request_key(
  wanted_visitor text,
  wanted_key text,
  wanted_method text,
  wanted_path text,
  wanted_hash bytea)
RETURNS TABLE (state text, status smallint, body jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_user uuid := CASE WHEN wanted_visitor IS NULL THEN (SELECT watertight.user_id()) END;
BEGIN
  IF (SELECT watertight.mode()) IS NULL
    OR (SELECT watertight.mode()) NOT IN ('member', 'platform', 'worker')
    OR num_nonnulls(v_user, wanted_visitor) <> 1
  THEN
    RETURN;
  END IF;
  -- Whoever comes second waits here until the first has committed or rolled back. A key that is past
  -- its day is taken over.
  INSERT INTO core.request_keys AS k
    (user_id, visitor, key, method, path, request_hash, taken_in, expires_at)
  VALUES (v_user, wanted_visitor, wanted_key, wanted_method, wanted_path, wanted_hash,
    pg_current_xact_id(), now() + interval '24 hours')
  ON CONFLICT (user_id, visitor, key) DO UPDATE
    SET method = excluded.method, path = excluded.path, request_hash = excluded.request_hash,
      response_status = NULL, response_body = NULL, taken_in = excluded.taken_in,
      created_at = now(), expires_at = excluded.expires_at
    WHERE k.expires_at <= now();
  IF FOUND THEN
    RETURN QUERY SELECT 'new', NULL::smallint, NULL::jsonb;
    RETURN;
  END IF;
  RETURN QUERY
    SELECT CASE WHEN k.method = wanted_method AND k.path = wanted_path
        AND k.request_hash = wanted_hash THEN 'done' ELSE 'other' END,
      CASE WHEN k.request_hash = wanted_hash THEN k.response_status END,
      CASE WHEN k.request_hash = wanted_hash THEN k.response_body END
    FROM core.request_keys k
    WHERE k.user_id IS NOT DISTINCT FROM v_user AND k.visitor IS NOT DISTINCT FROM wanted_visitor
      AND k.key = wanted_key;
END
$$;
REVOKE ALL ON FUNCTION ops.take_request_key(text, text, text, text, bytea) FROM PUBLIC;
COMMENT ON FUNCTION ops.take_request_key(text, text, text, text, bytea) IS
  'Takes a key for the write of this transaction, or says what it was taken for and the answer to the same request.';

CREATE FUNCTION ops.find_request_key(
  wanted_visitor text,
  wanted_key text,
  wanted_method text,
  wanted_path text,
  wanted_hash bytea)
RETURNS TABLE (state text, status smallint, body jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT CASE WHEN k.method = wanted_method AND k.path = wanted_path
        AND k.request_hash = wanted_hash THEN 'done' ELSE 'other' END,
      CASE WHEN k.request_hash = wanted_hash THEN k.response_status END,
      CASE WHEN k.request_hash = wanted_hash THEN k.response_body END
    FROM core.request_keys k
    WHERE (SELECT watertight.mode()) = 'public' AND k.user_id IS NULL
      AND k.visitor = wanted_visitor AND k.key = wanted_key AND k.expires_at > now();
END
$$;
REVOKE ALL ON FUNCTION ops.find_request_key(text, text, text, text, bytea) FROM PUBLIC;
COMMENT ON FUNCTION ops.find_request_key(text, text, text, text, bytea) IS
  'What a visitor''s key was taken for, before a write that the server does in a step; no row for a new one.';

CREATE FUNCTION ops.keep_request_answer(
  wanted_visitor text,
  wanted_key text,
  answer_status smallint,
  answer_body jsonb)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_user uuid := CASE WHEN wanted_visitor IS NULL THEN (SELECT watertight.user_id()) END;
BEGIN
  UPDATE core.request_keys AS k SET response_status = answer_status, response_body = answer_body
  WHERE (SELECT watertight.mode()) IN ('member', 'platform', 'worker')
    AND k.user_id IS NOT DISTINCT FROM v_user AND k.visitor IS NOT DISTINCT FROM wanted_visitor
    AND k.key = wanted_key AND k.taken_in = pg_current_xact_id();
  RETURN FOUND;
END
$$;
REVOKE ALL ON FUNCTION ops.keep_request_answer(text, text, smallint, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION ops.keep_request_answer(text, text, smallint, jsonb) IS
  'Keeps the answer to the write of this transaction under the key that it has taken.';

CREATE FUNCTION ops.drop_request_key(wanted_visitor text, wanted_key text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_user uuid := CASE WHEN wanted_visitor IS NULL THEN (SELECT watertight.user_id()) END;
BEGIN
  DELETE FROM core.request_keys AS k
  WHERE (SELECT watertight.mode()) IN ('member', 'platform', 'worker')
    AND k.user_id IS NOT DISTINCT FROM v_user AND k.visitor IS NOT DISTINCT FROM wanted_visitor
    AND k.key = wanted_key AND k.taken_in = pg_current_xact_id();
  RETURN FOUND;
END
$$;
REVOKE ALL ON FUNCTION ops.drop_request_key(text, text) FROM PUBLIC;
COMMENT ON FUNCTION ops.drop_request_key(text, text) IS
  'Gives a key back that this transaction has taken.';

-- Keys of tenants as well, which their own members leave behind.
CREATE FUNCTION ops.drop_expired_keys(most integer)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_count integer;
  v_dropped integer;
BEGIN
  IF (SELECT watertight.mode()) IS DISTINCT FROM 'worker' THEN
    RETURN NULL;
  END IF;
  DELETE FROM core.request_keys AS r
  WHERE r.id IN (
    SELECT r_due.id FROM core.request_keys r_due WHERE r_due.expires_at <= now()
    ORDER BY r_due.expires_at LIMIT least(greatest(most, 0), 10000));
  GET DIAGNOSTICS v_dropped = ROW_COUNT;
  DELETE FROM ops.idempotency_keys AS i
  WHERE (i.tenant_id, i.user_id, i.key) IN (
    SELECT i_due.tenant_id, i_due.user_id, i_due.key FROM ops.idempotency_keys i_due
    WHERE i_due.expires_at <= now()
    ORDER BY i_due.expires_at LIMIT least(greatest(most, 0), 10000));
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_dropped + v_count;
END
$$;
REVOKE ALL ON FUNCTION ops.drop_expired_keys(integer) FROM PUBLIC;
COMMENT ON FUNCTION ops.drop_expired_keys(integer) IS
  'Deletes idempotency keys whose day is over, some at a time, for workers; how many they were.';
