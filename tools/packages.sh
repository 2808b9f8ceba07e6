#!/usr/bin/env bash
# Install what packages.txt names and is missing: through apt-get as root, else print the one command.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v dpkg-query >/dev/null; then
  echo "This is not Debian: install by hand what packages.txt names." >&2
  exit 0
fi
missing=()
# What is installed, and what it provides (NodeSource's nodejs provides npm, and conflicts with Debian's).
provided=$(dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' | sed -n 's/^installed //p' | tr ',' '\n' | sed 's/ *\([^ ]*\).*/\1/')
for name in $(sed 's/#.*//' packages.txt); do
  grep -qxF "$name" <<<"$provided" || missing+=("$name")
done
[ ${#missing[@]} -gt 0 ] || exit 0
install=(apt-get install -y -q --no-install-recommends "${missing[@]}")
if [ "$(id -u)" != 0 ]; then
  echo "Packages are missing; run: sudo ${install[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
"${install[@]}" || { apt-get update -q && "${install[@]}"; }
