-- Uploaded files and what was made of them.

CREATE SCHEMA media;

CREATE TYPE media.file_state AS ENUM ('uploading', 'ready', 'quarantined');
CREATE TYPE media.variant_kind AS ENUM ('thumbnail', 'card', 'cover');
CREATE TYPE media.dimensions AS (width integer, height integer);

CREATE TABLE media.files (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES core.tenants (id),
  storage_key text NOT NULL,
  original_name text NOT NULL,
  content_type text NOT NULL CHECK (content_type ~ '^[a-z]+/[a-z0-9.+-]+$'),
  byte_count bigint NOT NULL CHECK (byte_count BETWEEN 1 AND 104857600),
  sha256 core.sha256_digest NOT NULL,
  state media.file_state NOT NULL DEFAULT 'uploading',
  alternative_text text,
  uploaded_by uuid REFERENCES core.users (id) ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,
  UNIQUE (tenant_id, id)
);
CREATE UNIQUE INDEX files_storage_key_live ON media.files (tenant_id, storage_key)
  WHERE deleted_at IS NULL;
COMMENT ON TABLE media.files IS 'Uploaded files, the bytes are in object storage; the tenant''s.';

CREATE TABLE media.variants (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  file_id uuid NOT NULL REFERENCES media.files (id) ON DELETE CASCADE,
  kind media.variant_kind NOT NULL,
  size media.dimensions NOT NULL,
  storage_key text NOT NULL,
  byte_count bigint NOT NULL CHECK (byte_count > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (file_id, kind),
  CHECK ((size).width > 0 AND (size).height > 0)
);
COMMENT ON TABLE media.variants IS 'Resized forms of a file; the tenant''s, through the file.';
