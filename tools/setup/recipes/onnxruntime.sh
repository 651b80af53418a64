# libonnxruntime, the engine of the tensor worker, from the Python wheel of its release; the headers are in third_party/onnxruntime.
# portable: it chooses its kernels when it starts
source=$1 out=$2
mkdir -p "$out/lib"
cp "$source"/onnxruntime/capi/libonnxruntime.so.* "$out/lib/libonnxruntime.so.1"
chmod 755 "$out"/lib/*
cp "$source"/onnxruntime/ThirdPartyNotices.txt "$out/"
