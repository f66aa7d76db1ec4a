#!/bin/sh
# Writes who may log in, then becomes PgBouncer. The five roles are told apart by name and password.
set -eu
umask 077
users="${PGBOUNCER_USERLIST:-/run/pgbouncer/userlist.txt}"
prefix="${PLATFORM_ROLE_PREFIX:-platform}"

entry() {
  printf '"%s_%s" "%s"\n' "$prefix" "$1" "$(printf '%s' "$2" | sed 's/"/""/g')"
}

{
  entry app "$PLATFORM_APP_PASSWORD"
  entry worker "$PLATFORM_WORKER_PASSWORD"
  entry auditor "$PLATFORM_AUDITOR_PASSWORD"
  entry platform "$PLATFORM_PLATFORM_PASSWORD"
  entry public "$PLATFORM_PUBLIC_PASSWORD"
} > "$users"

exec pgbouncer "${PGBOUNCER_INI:-/etc/pgbouncer/pgbouncer.ini}"
