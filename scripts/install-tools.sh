#!/usr/bin/env bash
# Installs the Debian packages that some suites use, where that is possible without asking. A suite
# whose tool is still missing says so and is skipped.
set -uo pipefail

declare -A package_of=([psql]=postgresql-client)

missing=()
for tool in "${!package_of[@]}"; do
  command -v "$tool" >/dev/null || missing+=("${package_of[$tool]}")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
  echo "Not installed, since that needs root and apt-get: ${missing[*]}." >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
  echo "apt-get could not install ${missing[*]}." >&2
exit 0
