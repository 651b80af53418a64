# llama-server and llama-quantize of llama.cpp, one static program each, from the source archive of llama-cpp-python.
# native: the CPU kernels are compiled for this machine's processor
source=$1/vendor/llama.cpp out=$2 jobs=$3
# No web page and no HTTPS: the gateway alone talks to it, over a Unix socket. USE_PREBUILT_UI would download.
# The commit is named here because the archive has no git history to ask.
# Without AMX: on Intel processors that have it, the kernels for it die with a general protection fault while a model loads (seen on a virtual machine
# with Sapphire Rapids, llama-cpp-python 0.3.36).
flags=
[[ $(uname -m) != x86_64 ]] || flags="-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
cmake -S "$source" -B . -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ -DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags" \
  -DGGML_NATIVE=ON -DBUILD_SHARED_LIBS=OFF \
  -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF \
  -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_OPENSSL=OFF \
  -DLLAMA_BUILD_COMMIT=0c1e57098 -DLLAMA_BUILD_NUMBER=0
cmake --build . -j "$jobs" --target llama-server llama-quantize
mkdir -p "$out/bin"
strip -o "$out/bin/llama-server" bin/llama-server
strip -o "$out/bin/llama-quantize" bin/llama-quantize
cp "$source/LICENSE" "$out/LICENSE"
