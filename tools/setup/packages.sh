# System packages: says which are missing and installs them where that needs no question. Sourced by tools/setup.sh.

# packages_in FILE: the names in a list file, without comments.
packages_in() { sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$1"; }

# missing_packages NAME...: those not installed, one a line. A name that another package provides counts as installed.
missing_packages() {
  local name
  dpkg-query -W -f='${db:Status-Status} ${Package}\n${db:Status-Status} ${Provides}\n' 2>/dev/null |
    awk '$1 == "installed" { $1 = ""; gsub(/\([^)]*\)/, ""); gsub(/,/, " "); n = split($0, names, " "); for (i = 1; i <= n; i++) print names[i] }' |
    sort -u >"$packages_have"
  for name in "$@"; do
    grep -qxF -- "$name" "$packages_have" || printf '%s\n' "$name"
  done
}

# ensure_packages FILE...: after it returns, every package of the lists is installed.
ensure_packages() {
  command -v dpkg-query >/dev/null || {
    say "this is not a Debian system: install what $* names yourself"
    return 0
  }
  local packages_have wanted missing
  packages_have=$(mktemp)
  mapfile -t wanted < <(for file in "$@"; do packages_in "$file"; done | sort -u)
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  rm -f "$packages_have"
  ((${#missing[@]} == 0)) && return 0

  local install=(apt-get install -y --no-install-recommends "${missing[@]}")
  say "missing system packages; running: ${install[*]}"
  local as_root=()
  if ((EUID != 0)); then
    sudo -n true 2>/dev/null || stop "these packages are missing and sudo needs a password. Run: sudo ${install[*]}"
    as_root=(sudo -n)
  fi
  # The lists of a fresh container are empty, and old ones name versions that are gone: update once, then retry.
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" "${install[@]}" </dev/null >&2 && return 0
  say "refreshing the package lists"
  "${as_root[@]}" apt-get update </dev/null >&2 || say "apt-get update reported errors; trying the installation all the same"
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" "${install[@]}" </dev/null >&2 ||
    stop "could not install: ${missing[*]} (see apt's message above)"
}
