#!/bin/bash
# Checks how the C++ is laid out and what clang-tidy thinks of it; any finding is an error.
#
#   tools/lint.sh --format   layout, and that no two types share a name; a second or two
#   tools/lint.sh            both; needs build/release. A file is looked at again only if it, one of its headers or .clang-tidy changed.
#   tools/lint.sh --some     the same, but three minutes at most: what is left is said, and looked at next time
#   tools/lint.sh --fix      lays out every file
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tools/setup/lib.sh"
cd "$root"

mapfile -t files < <(find src tests bench -name '*.cpp' -o -name '*.hpp' 2>/dev/null | LC_ALL=C sort)
case ${1:-} in
  --fix) exec clang-format-19 -i "${files[@]}" ;;
  "" | --format | --some) ;;
  *) stop "tools/lint.sh: unknown option '$1'" ;;
esac
clang-format-19 --dry-run --Werror "${files[@]}" || stop "these files are not laid out as .clang-format says; tools/lint.sh --fix does it"
mapfile -t headers < <(printf '%s\n' "${files[@]}" | grep '\.hpp$')
python3 tools/setup/one_name.py "${headers[@]}" || stop "one of them wants another name"
[[ ${1:-} == --format ]] && exit 0
seconds=()
[[ ${1:-} == --some ]] && seconds=(180)
exec nice -n "${DEMARC_NICE:-10}" python3 tools/setup/tidy.py build/release "$(cache_root)/tidy" "$(jobs_count)" ${seconds[@]+"${seconds[@]}"}
