#!/usr/bin/env bash
# Trains the tagger of names anew and writes src/tensor/tagger/data/names.weights; some two minutes of one core. Needs a configured build/release.
#
#   tools/train_names/train.sh
#
# recipe.sha256 holds the digests of the texts and of the weights that this gave: the texts are the same everywhere with the same Python, the weights on
# machines whose compiler and mathematics are the same.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/python"
"$work/python/bin/pip" install --quiet --disable-pip-version-check faker==40.63.0
"$root/bench/pii/generate.py" train --out "$work/planted.jsonl"
PYTHONHASHSEED=0 "$work/python/bin/python" "$root/tools/train_names/compose.py" --count 40000 --more "$work/planted.jsonl" --prose > "$work/train.jsonl"
ninja -C "$root/build/release" train_names
"$root/build/release/train_names" "$work/train.jsonl" "$root/src/tensor/tagger/data/names.weights" 6
sha256sum < "$work/train.jsonl" | sed 's/-/texts/'
sha256sum < "$root/src/tensor/tagger/data/names.weights" | sed 's/-/weights/'
