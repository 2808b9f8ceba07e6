#!/usr/bin/env bash
# demo.sh DIAGRASP FOLDER: read a Russian process and an English flowchart, print what comes of them, redraw them.
set -euo pipefail
cd "$(dirname "$0")/.."
diagrasp=$1 out=$2
mkdir -p "$out"
export DIAGRASP_DB=$out/demo.db # what is shown is read now, not remembered from an earlier time
rm -f "$out"/demo.db*
for name in "${@:3}"; do
  picture=docs/examples/$name.png
  printf '\n=== %s\n\n' "$picture"
  "$diagrasp" recognize "$picture" --to steps --option view=table
  printf '\n'
  "$diagrasp" recognize "$picture" --to steps --option view=outline
  printf '\n'
  "$diagrasp" recognize "$picture" --to mermaid
  "$diagrasp" recognize "$picture" --to svg >"$out/$name.svg"
  printf '\nThe redraw: %s\n' "$out/$name.svg"
done
