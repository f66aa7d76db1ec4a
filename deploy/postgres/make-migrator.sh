#!/bin/sh
# Run once by the image of PostgreSQL, on an empty data directory.
set -eu
psql --no-psqlrc --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set=role=platform_migrator --set=password="$MIGRATOR_PASSWORD" \
  --file=/platform/migrator.sql
