# Third-party sources: fetched by their own package manager, refused unless the digest is the locked one.
# Sourced by tools/setup.sh.

sources_lock=$root/third_party/sources.lock

# lock_field NAME FIELD: one column of a source's line: kind, package, version, sha256, licence or file.
lock_field() {
  local column
  case $2 in
    kind) column=2 ;;
    package) column=3 ;;
    version) column=4 ;;
    sha256) column=5 ;;
    licence) column=6 ;;
    file) column=7 ;;
    *) stop "lock_field: no field '$2'" ;;
  esac
  local value
  value=$(awk -v name="$1" -v column="$column" '$1 == name { print $column; exit }' "$sources_lock")
  [[ -n $value ]] || stop "third_party/sources.lock has no $2 for '$1'"
  printf '%s' "$value"
}

# fetch_source NAME: prints the path of the verified archive; downloads it only if the cache has none.
fetch_source() {
  local name=$1 kind package version file sha256 folder
  kind=$(lock_field "$name" kind) package=$(lock_field "$name" package) version=$(lock_field "$name" version)
  file=$(lock_field "$name" file) sha256=$(lock_field "$name" sha256)
  folder=$cache/downloads/${sha256:0:16}
  if [[ -f $folder/$file && $(sha256_of "$folder/$file") == "$sha256" ]]; then
    printf '%s' "$folder/$file"
    return
  fi

  say "fetching $name: $kind:$package $version"
  local incoming=$folder.incoming.$$
  rm -rf "$incoming"
  mkdir -p "$incoming"
  case $kind in
    pypi) fetch_pypi "$package" "$version" "$file" "$sha256" "$incoming" ;;
    npm) (cd "$incoming" && npm pack --silent "$package@$version" >/dev/null) ;;
    *) stop "third_party/sources.lock: unknown kind '$kind' of '$name'" ;;
  esac || { rm -rf "$incoming"; stop "could not fetch $kind:$package $version (its message is above; is the network up?)"; }
  [[ -f $incoming/$file ]] || { rm -rf "$incoming"; stop "$kind:$package $version came without $file"; }
  local got
  got=$(sha256_of "$incoming/$file")
  [[ $got == "$sha256" ]] || { rm -rf "$incoming"; stop "$file has SHA-256 $got, but third_party/sources.lock says $sha256. Nothing of it was used."; }
  mkdir -p "$folder"
  mv -f "$incoming/$file" "$folder/$file"
  rm -rf "$incoming"
  printf '%s' "$folder/$file"
}

# pip checks the digest itself before it opens the archive; see sdist_stub for why the build backend is replaced.
fetch_pypi() {
  local package=$1 version=$2 file=$3 sha256=$4 into=$5 choice=(--no-binary=:all:)
  if [[ $file == *.whl ]]; then
    # NAME-VERSION-PYTHON-ABI-PLATFORM.whl: ask for just that one, whichever Python runs pip.
    local python abi platforms platform
    IFS=- read -r _ _ python abi platforms <<<"${file%.whl}"
    choice=(--only-binary=:all:)
    if [[ $platforms != any ]]; then
      choice+=(--abi="$abi")
      # "py3" is any Python 3; as a version it would be 3.0, which packages say they do not serve.
      [[ $python == py3 ]] || choice+=(--implementation="${python:0:2}" --python-version="${python:2}")
      for platform in ${platforms//./ }; do choice+=(--platform="$platform"); done
    fi
  fi
  printf '%s==%s --hash=sha256:%s\n' "$package" "$version" "$sha256" >"$into/requirements.txt"
  PYTHONPATH=$root/tools/setup/sdist_stub python3 -m pip download --quiet --disable-pip-version-check --no-input --no-deps \
    --no-build-isolation --require-hashes "${choice[@]}" --dest "$into" --requirement "$into/requirements.txt" </dev/null >&2
}
