# libctranslate2, the engine of Faster Whisper, from the Python wheel of its release; the headers are in third_party/ctranslate2.
# portable: it chooses its kernels when it starts
source=$1 out=$2
mkdir -p "$out/lib"
cp "$source"/ctranslate2.libs/lib*.so* "$out/lib/"
chmod 755 "$out"/lib/*
# The wheel's tool put a hash into the library's name; linking wants the plain one.
ln -s "$(basename "$out"/lib/libctranslate2-*.so.*)" "$out/lib/libctranslate2.so"
