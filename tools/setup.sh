#!/bin/bash
# Makes this checkout buildable: system packages, pinned third-party sources and engines, then demarc itself.
#
#   tools/setup.sh              everything that ./run needs
#   tools/setup.sh --third-party    packages and third-party builds only: writes build/third_party.cmake
#
# Safe to repeat and to interrupt; two runs at once take turns. When nothing has changed it costs some milliseconds.
# Settings (environment): DEMARC_CACHE (default ~/.cache/demarc), DEMARC_JOBS, DEMARC_NICE.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tools/setup/lib.sh"
source "$root/tools/setup/backend.sh"
cache=$(cache_root)

third_party_stamp=$root/build/third_party.stamp
third_party_cmake=$root/build/third_party.cmake

# What the third-party stage depends on. The compilers and the processor are part of it because the builds are.
third_party_digest() {
  {
    cat "$root"/third_party/sources.lock "$root"/tools/apt-packages.txt "$root"/tools/setup.sh "$root"/tools/setup/*.sh "$root"/tools/setup/recipes/*.{sh,py}
    grep -m1 -E '^(flags|Features)' /proc/cpuinfo
    printf '%s\n' "$cache"
    choose_backend
    printf '%s\n' "$backend" "$backend_why"
    stat -L -c '%n %s %Y' /usr/bin/clang-19 /usr/bin/g++ 2>/dev/null
  } | short_digest
}

third_party_fresh() {
  [[ -f $third_party_cmake && -f $third_party_stamp ]] || return 1
  [[ $(<"$third_party_stamp") == "$(third_party_digest)" ]] || return 1
  # The cache may have been emptied since.
  local folder
  while read -r folder; do
    [[ -e $folder/.complete ]] || return 1
  done < <(sed -n 's/^# uses //p' "$third_party_cmake")
}

setup_third_party() {
  third_party_fresh && return 0
  source "$root/tools/setup/packages.sh"
  source "$root/tools/setup/fetch.sh"
  source "$root/tools/setup/provide.sh"
  ensure_packages "$root/tools/apt-packages.txt"
  local llhttp llama ctranslate2 onnxruntime silero_vad campplus pdfium backend backend_why
  llhttp=$(provide llhttp) || exit 1
  ctranslate2=$(provide ctranslate2) || exit 1
  onnxruntime=$(provide onnxruntime) || exit 1
  silero_vad=$(provide silero-vad) || exit 1
  campplus=$(provide campplus) || exit 1
  pdfium=$(provide pdfium) || exit 1
  choose_backend
  llama=$(provide_llama "$backend") || exit 1
  mkdir -p "$root/build"
  # CMake configures again by itself when this file's time changes, so it is replaced only if its text does.
  cat >"$third_party_cmake.new" <<EOF
# Written by tools/setup.sh; where the third-party builds of this machine are. CMakeLists.txt includes it.
# uses $llhttp
# uses $ctranslate2
# uses $onnxruntime
# uses $silero_vad
# uses $campplus
# uses $pdfium
# uses $llama
set(DEMARC_LLHTTP_DIR "$llhttp")
set(DEMARC_CTRANSLATE2_DIR "$ctranslate2")
set(DEMARC_ONNXRUNTIME_DIR "$onnxruntime")
set(DEMARC_SILERO_VAD "$silero_vad/silero_vad_16k_op15.onnx")
set(DEMARC_CAMPPLUS "$campplus/campplus.onnx")
set(DEMARC_PDFIUM_DIR "$pdfium")
set(DEMARC_LLAMA_SERVER "$llama/bin/llama-server")
set(DEMARC_LLAMA_QUANTIZE "$llama/bin/llama-quantize")
# backend $backend: $backend_why
EOF
  if cmp -s "$third_party_cmake.new" "$third_party_cmake"; then
    rm "$third_party_cmake.new"
  else
    mv "$third_party_cmake.new" "$third_party_cmake"
  fi
  third_party_digest >"$third_party_stamp"
}

# setup_build PRESET [TARGET…]: builds demarc, or these targets of it, with a CMake preset into build/PRESET.
setup_build() {
  local preset=$1 build=$root/build/$1
  shift
  if [[ ! -f $build/build.ninja ]]; then
    say "configuring build/$preset"
    (cd "$root" && cmake --preset "$preset") >"$root/build/$preset.configure.log" 2>&1 || {
      tail -30 "$root/build/$preset.configure.log" >&2
      stop "cmake could not configure; its whole log: build/$preset.configure.log"
    }
  fi
  # Stock engines stand beside our own programs, where the gateway looks for them.
  local llama_server
  llama_server=$(sed -n 's/^set(DEMARC_LLAMA_SERVER "\(.*\)")$/\1/p' "$third_party_cmake")
  local tool
  for tool in llama-server llama-quantize; do
    [[ $build/$tool -ef ${llama_server%/*}/$tool ]] || ln -sfn "${llama_server%/*}/$tool" "$build/$tool"
  done
  sed -n 's/^# backend //p' "$third_party_cmake" >"$build/llama-server.backend"  # what `demarc doctor` says of it
  # Ninja prints nothing useful when there is nothing to do, and its own errors are the clearest.
  if [[ -t 2 ]]; then
    gently ninja -C "$build" -j "$(jobs_count)" "$@" >&2 || stop "the build failed (see above)"
  else
    { gently ninja -C "$build" -j "$(jobs_count)" --quiet "$@" | sed '/^ninja: no work to do\.$/d; /^-- GLOB mismatch!$/d'; } >&2 || stop "the build failed (see above)"
  fi
}

# Only when run, not when sourced.
if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  case ${1:-} in
    "") setup_third_party && setup_build release ;;
    --third-party) setup_third_party ;;
    *) stop "tools/setup.sh: unknown option '$1'" ;;
  esac
fi
