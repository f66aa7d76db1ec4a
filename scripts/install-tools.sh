#!/usr/bin/env bash
# Installs the Debian packages that some suites use, where that is possible without asking. A suite
# whose tool is still missing says so and is skipped.
set -uo pipefail

declare -A package_of=(
  [psql]=postgresql-client [pgbouncer]=pgbouncer [chromium]=chromium [zsh]=zsh [fish]=fish
)

# PgBouncer is in a directory for administrators, which not every user's path has.
PATH=$PATH:/usr/sbin

missing=()
for tool in "${!package_of[@]}"; do
  command -v "$tool" >/dev/null || missing+=("${package_of[$tool]}")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
  echo "Not installed, since that needs root and apt-get: ${missing[*]}." >&2
  exit 0
fi

# A program is wanted, not a service of the system: packages ask this file before they start one.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && trap 'rm -f "$policy"' EXIT
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
  echo "apt-get could not install ${missing[*]}." >&2
exit 0
