# Third-party builds, kept outside the build folder so that a clean checkout does not compile an engine again.
# Sourced by tools/setup.sh.
#
# A recipe is tools/setup/recipes/NAME.sh, run as `recipe SOURCE_DIR OUT_DIR JOBS` in an empty scratch folder. Its result
# is kept as CACHE/third_party/NAME-DIGEST, where DIGEST covers the source's digest, the recipe's text (and NAME.py's, if it
# has one), the compilers and, for a recipe that tunes for this machine (it says `native` in its second line), the features
# of the processor.
# NAME+VARIANT is another build of NAME's source: its recipe may use NAME's, so that one counts too.

# provide NAME: prints the folder with NAME's build, making it first if need be.
provide() {
  local name=$1 recipe=$root/tools/setup/recipes/$1.sh digest
  digest=$(build_digest "$name" "$recipe")
  local result=$cache/third_party/$name-$digest
  if [[ ! -e $result/.complete ]]; then
    with_lock "$cache/third_party/.$name.lock" build_once "$name" "$recipe" "$result" || exit 1
  fi
  printf '%s' "$result"
}

build_digest() {
  local name=$1 recipe=$2
  {
    lock_field "${name%%+*}" sha256
    [[ $name != *+* ]] || cat "${recipe%/*}/${name%%+*}.sh"
    cat "$recipe"
    [[ ! -f ${recipe%.sh}.py ]] || cat "${recipe%.sh}.py"
    compilers
    if sed -n 2p "$recipe" | grep -qw native; then
      grep -m1 -E '^(flags|Features)' /proc/cpuinfo
    fi
    uname -m
  } | short_digest
}

compilers() {
  clang-19 --version | head -1
  g++ --version | head -1
}

# Under the lock: the other run that held it may have built just this.
build_once() {
  local name=$1 recipe=$2 result=$3
  [[ -e $result/.complete ]] && return 0
  local archive scratch=$cache/third_party/.build-$name.$$ started=$SECONDS
  archive=$(fetch_source "${name%%+*}") || exit 1
  rm -rf "$scratch" "$result"
  mkdir -p "$scratch/source" "$scratch/out" "$scratch/work"
  case $archive in
    *.whl | *.zip) python3 -m zipfile -e "$archive" "$scratch/source" ;;
    *) tar -xf "$archive" -C "$scratch/source" --strip-components=1 ;;
  esac || stop "could not unpack $archive"
  say "building $name $(lock_field "${name%%+*}" version) (once; kept in $result)"
  if ! (cd "$scratch/work" && gently bash -eu -o pipefail "$recipe" "$scratch/source" "$scratch/out" "$(jobs_count)") >"$scratch/log" 2>&1; then
    tail -30 "$scratch/log" >&2
    mv -f "$scratch/log" "$cache/third_party/$name.failed.log"
    rm -rf "$scratch"
    stop "building $name failed; its whole log: $cache/third_party/$name.failed.log"
  fi
  mv "$scratch/log" "$scratch/out/build.log"
  touch "$scratch/out/.complete"
  # The rename is what publishes the result: a killed run leaves only a scratch folder.
  mv "$scratch/out" "$result"
  rm -rf "$scratch"
  say "built $name in $((SECONDS - started)) s"
}
