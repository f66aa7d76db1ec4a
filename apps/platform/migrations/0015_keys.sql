-- Keys in four states: active, rotating (opens what is not sealed anew yet), disabled, destroyed.

ALTER TYPE core.key_state RENAME VALUE 'decrypt_only' TO 'rotating';
ALTER TYPE core.key_state ADD VALUE 'disabled' BEFORE 'destroyed';

-- As text: a value that was added to an enum cannot be used before the transaction has ended.
ALTER TABLE core.encryption_keys
  ADD COLUMN disabled_at timestamptz,
  ADD COLUMN destroyed_at timestamptz;
UPDATE core.encryption_keys SET destroyed_at = now() WHERE state::text = 'destroyed';
ALTER TABLE core.encryption_keys
  ADD CONSTRAINT encryption_keys_destroyed CHECK ((state::text = 'destroyed') = (destroyed_at IS NOT NULL)),
  ADD CONSTRAINT encryption_keys_disabled CHECK (state::text <> 'disabled' OR disabled_at IS NOT NULL);

CREATE FUNCTION core.guard_key_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF OLD.state::text = 'destroyed' AND NEW.state IS DISTINCT FROM OLD.state THEN
    RAISE EXCEPTION USING errcode = '23001', message = 'a destroyed key stays destroyed';
  END IF;
  IF (NEW.id, NEW.purpose, NEW.version, NEW.provider)
    IS DISTINCT FROM (OLD.id, OLD.purpose, OLD.version, OLD.provider) THEN
    RAISE EXCEPTION USING errcode = '23001', message = 'a key keeps its purpose, version and provider';
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION core.guard_key_change() FROM PUBLIC;
CREATE TRIGGER encryption_keys_guard BEFORE UPDATE ON core.encryption_keys
  FOR EACH ROW EXECUTE FUNCTION core.guard_key_change();
