# libpdfium, which reads and draws PDF in the document worker, from the Python wheel of its release; the headers are in third_party/pdfium.
# portable: plain C++ without kernels to choose
source=$1 out=$2
mkdir -p "$out/lib" "$out/licences"
cp "$source"/pypdfium2_raw/libpdfium.so "$out/lib/"
chmod 755 "$out"/lib/*
cp -r "$source"/pypdfium2-*.dist-info/licenses/. "$out/licences/"
