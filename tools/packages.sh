#!/usr/bin/env bash
# Install what packages.txt names and is missing: through apt-get as root, else print the one command.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v dpkg-query >/dev/null; then
  echo "This is not Debian: install by hand what packages.txt names." >&2
  exit 0
fi
missing=()
for name in $(sed 's/#.*//' packages.txt); do
  dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
done
[ ${#missing[@]} -gt 0 ] || exit 0
install=(apt-get install -y -q --no-install-recommends "${missing[@]}")
if [ "$(id -u)" != 0 ]; then
  echo "Packages are missing; run: sudo ${install[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
"${install[@]}" || { apt-get update -q && "${install[@]}"; }
