# llhttp, the HTTP/1 parser of Node.js, from the copy of its release that aiohttp's source archive carries.
# portable
source=$1/vendor/llhttp out=$2
mkdir -p "$out/include" "$out/lib"
cp "$source/build/llhttp.h" "$out/include/"
cp "$source/LICENSE" "$out/LICENSE"
objects=()
for file in "$source/build/c/llhttp.c" "$source/src/native/api.c" "$source/src/native/http.c"; do
  object=$(basename "$file" .c).o
  clang-19 -std=c99 -O3 -g1 -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2 -I"$source/build" -I"$source/src/native" -c "$file" -o "$object"
  objects+=("$object")
done
ar rcs "$out/lib/libllhttp.a" "${objects[@]}"
