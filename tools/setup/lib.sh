# Shared by tools/setup.sh, ./run and ./test: how they speak, stop, hash and take turns. Sourced, never run.
# Everything here is bash 5 and the tools every Debian has.

say() { printf 'demarc: %s\n' "$*" >&2; }

# Ends the run with one line that says what to do next.
stop() {
  printf 'demarc: STOP: %s\n' "$*" >&2
  exit 1
}

sha256_of() { sha256sum -- "$1" | cut -d' ' -f1; }

# The digest of what is read on standard input, short enough for a folder name.
short_digest() { sha256sum | cut -c1-16; }

cache_root() { printf '%s' "${DEMARC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/demarc}"; }

# Runs a command with low priority, so that a build does not make the machine unusable. DEMARC_NICE=0 turns it off.
gently() { nice -n "${DEMARC_NICE:-10}" "$@"; }

# Parallel compilations: DEMARC_JOBS, else the cores, but never more than one for each 2 GiB of free memory, since one
# translation unit of an engine can take that much.
jobs_count() {
  if [[ -n ${DEMARC_JOBS:-} ]]; then
    printf '%s' "$DEMARC_JOBS"
    return
  fi
  local cores available_kib by_memory
  cores=$(nproc)
  available_kib=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo)
  by_memory=$((available_kib / (2 * 1024 * 1024)))
  ((by_memory < 1)) && by_memory=1
  printf '%s' $((cores < by_memory ? cores : by_memory))
}

# with_lock FILE COMMAND...: only one process at a time runs COMMAND under FILE; others wait and say so.
with_lock() {
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  (
    if ! flock -n 9; then
      say "another run holds $(basename "$file"); waiting for it"
      flock -w "${DEMARC_LOCK_WAIT_S:-3600}" 9 || stop "the other run still holds $file after ${DEMARC_LOCK_WAIT_S:-3600} s"
    fi
    # The lock must not outlive this shell in some background child, hence 9>&-.
    "$@" 9>&-
  ) 9>"$file"
}
