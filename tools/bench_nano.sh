#!/usr/bin/env bash
# Figures of nano, the small vision model, on pictures of its own family.  bench_nano.sh BIN [COUNT]
# Without its weights or without the extra `train` it says so and counts as done.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1 count=${2:-24} weights=weights/nano out=out/bench/nano

if [ ! -f "$weights/model.safetensors" ]; then
  echo "nano: no weights in $weights; diagrasp-train nano makes them" >&2
  exit 0
fi
if ! "$bin/python" -c 'import importlib.util as u, sys; sys.exit(any(u.find_spec(n) is None for n in ("torch", "transformers", "peft")))'; then
  echo "nano: not judged; pip install 'diagrasp[train]' to judge it too" >&2
  exit 0
fi
for style in plain sketch; do
  "$bin/diagrasp-train" family "$out/$style" --style "$style" --seed 41 --count "$count" >/dev/null
  printf '\nnano, style %s, %s held-out pictures\n\n' "$style" "$count"
  "$bin/diagrasp-train" evaluate --model "$weights" --adapter "$weights/sketch" --device cpu --data "$out/$style" --drafts
done
