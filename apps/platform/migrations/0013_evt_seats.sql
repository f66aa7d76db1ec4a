-- Seats that are held and given back, a waiting list that offers them, and a public listing that stays
-- quick whatever it is filtered by.

ALTER TYPE evt.waitlist_state ADD VALUE 'expired';

-- The seats of an event over all of its ticket types, so that its capacity is one comparison.
ALTER TABLE evt.events ADD places_taken integer NOT NULL DEFAULT 0;
UPDATE evt.events e SET places_taken = sold.places
FROM (SELECT event_id, sum(sold)::integer AS places FROM evt.ticket_types GROUP BY event_id) sold
WHERE sold.event_id = e.id;
ALTER TABLE evt.events
  ADD CHECK (places_taken BETWEEN 0 AND capacity),
  ADD CHECK (cardinality(categories) <= 3 AND array_position(categories, NULL) IS NULL),
  -- Lists continue after the time of their last row, which clients know to the millisecond.
  ADD CHECK (date_trunc('milliseconds', starts_at) = starts_at),
  ADD title_key text COLLATE "C" GENERATED ALWAYS AS (lower(title)) STORED,
  ADD city_key text COLLATE "C" GENERATED ALWAYS AS (lower(city)) STORED;

-- Under RLS only leakproof operators use an index. Those of arrays are not, nor is LIKE: so each place
-- in the array has an index of its own, and a prefix is a range of the key.
DROP INDEX evt.events_categories;
CREATE INDEX events_listing_city ON evt.events (city_key, starts_at, id)
  WHERE status = 'published' AND deleted_at IS NULL;
CREATE INDEX events_listing_country ON evt.events (country, starts_at, id)
  WHERE status = 'published' AND deleted_at IS NULL;
CREATE INDEX events_listing_title ON evt.events (title_key, starts_at, id)
  WHERE status = 'published' AND deleted_at IS NULL;
CREATE INDEX events_listing_category_1 ON evt.events ((categories[1]), starts_at, id)
  WHERE status = 'published' AND deleted_at IS NULL;
CREATE INDEX events_listing_category_2 ON evt.events ((categories[2]), starts_at, id)
  WHERE status = 'published' AND deleted_at IS NULL AND categories[2] IS NOT NULL;
CREATE INDEX events_listing_category_3 ON evt.events ((categories[3]), starts_at, id)
  WHERE status = 'published' AND deleted_at IS NULL AND categories[3] IS NOT NULL;
CREATE INDEX events_newest ON evt.events (tenant_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX events_upcoming ON evt.events (tenant_id, starts_at, id)
  WHERE status = 'published' AND deleted_at IS NULL;

-- What is pending holds its seat until then.
ALTER TABLE evt.registrations
  ADD reserved_until timestamptz,
  ADD request_id uuid,
  ADD confirmed_at timestamptz;
UPDATE evt.registrations SET reserved_until = registered_at + interval '30 minutes'
WHERE state = 'pending';
UPDATE evt.registrations SET confirmed_at = registered_at WHERE state = 'confirmed';
ALTER TABLE evt.registrations
  ADD CHECK ((state = 'pending') = (reserved_until IS NOT NULL));
CREATE INDEX registrations_reserved ON evt.registrations (tenant_id, reserved_until) WHERE state = 'pending';
CREATE INDEX registrations_event ON evt.registrations (tenant_id, event_id, registered_at DESC, id DESC);
COMMENT ON COLUMN evt.registrations.request_id IS 'Chosen by who registered, so that a repeated request is known.';

-- An offered seat is held by a pending registration; the code is what a visitor without login shows.
ALTER TABLE evt.waitlist_entries
  ADD registration_id uuid REFERENCES evt.registrations (id) ON DELETE SET NULL,
  ADD code text NOT NULL DEFAULT upper(substr(md5(gen_random_uuid()::text), 1, 12))
    CHECK (code ~ '^[0-9A-F]{12}$');
CREATE INDEX waitlist_entries_queue ON evt.waitlist_entries (tenant_id, event_id, joined_at, id)
  WHERE state = 'waiting';
CREATE INDEX waitlist_entries_registration ON evt.waitlist_entries (tenant_id, registration_id);
