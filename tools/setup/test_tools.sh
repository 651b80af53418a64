# What only the tests need: packages, the official Python and Node SDKs, each pinned and kept outside the checkout.
# Sourced by ./test. Exports DEMARC_E2E_PYTHON and NODE_PATH, which the end-to-end tests use.

setup_test_tools() {
  source "$root/tools/setup/packages.sh"
  ensure_packages "$root/tools/apt-packages-test.txt"

  local requirements=$root/tests/e2e/requirements.txt node=$root/tests/e2e/node python_tools node_tools
  python_tools=$cache/test-tools/python-$({ cat "$requirements"; python3 --version; } | short_digest)
  node_tools=$cache/test-tools/node-$({ cat "$node/package.json" "$node/package-lock.json"; node --version; } | short_digest)
  [[ -e $python_tools/.complete ]] || with_lock "$cache/test-tools/.python.lock" install_python_tools "$requirements" "$python_tools"
  [[ -e $node_tools/.complete ]] || with_lock "$cache/test-tools/.node.lock" install_node_tools "$node" "$node_tools"
  export DEMARC_E2E_PYTHON=$python_tools/bin/python
  export NODE_PATH=$node_tools/node_modules
}

# A virtual environment knows its own path, so it is built in place; .complete comes last.
install_python_tools() {
  [[ -e $2/.complete ]] && return 0
  say "installing the Python packages of the end-to-end tests"
  rm -rf "$2"
  python3 -m venv "$2"
  "$2/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps --only-binary=:all: \
    --requirement "$1" </dev/null >&2 || stop "could not install tests/e2e/requirements.txt (is the network up?)"
  touch "$2/.complete"
}

install_node_tools() {
  [[ -e $2/.complete ]] && return 0
  say "installing the Node packages of the end-to-end tests"
  rm -rf "$2"
  mkdir -p "$2"
  cp "$1/package.json" "$1/package-lock.json" "$2/"
  (cd "$2" && npm ci --silent --ignore-scripts --no-audit --no-fund </dev/null >&2) || stop "could not install tests/e2e/node (is the network up?)"
  touch "$2/.complete"
}

# The starter models, the model that finds names, and those of vectors and pictures, in data folders of their own that tests link to.
setup_test_models() {
  export DEMARC_E2E_MODELS=$cache/test-models
  "$root/build/release/demarc" --data "$DEMARC_E2E_MODELS" models pull --starter </dev/null || stop "could not fetch the starter models"
  export DEMARC_E2E_NAMES=$cache/test-models-names
  "$root/build/release/demarc" --data "$DEMARC_E2E_NAMES" models pull rampart </dev/null || stop "could not fetch the model of names"
  export DEMARC_E2E_VECTORS=$cache/test-models-vectors
  "$root/build/release/demarc" --data "$DEMARC_E2E_VECTORS" models pull minilm-l6 minilm-l6-int8 open-nsfw </dev/null || stop "could not fetch the models of vectors and pictures"
}
