#!/usr/bin/env bash
# venv.sh FOLDER STAMP [pip arguments]: a virtual environment with the packages named; STAMP is touched when all went well.
# Two of them at a time take turns where flock is there.
set -euo pipefail
folder=$1 stamp=$2
shift 2
mkdir -p "$folder"
if command -v flock >/dev/null; then
  exec 9>"$folder/.lock"
  flock 9
fi
python=${PYTHON:-}
for candidate in python3.11 python3.12 python3.13 python3; do
  [ -z "$python" ] || break
  if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info)' 2>/dev/null; then python=$candidate; fi
done
if [ -z "$python" ]; then
  echo "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python" >&2
  exit 1
fi
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
touch "$folder/$stamp"
