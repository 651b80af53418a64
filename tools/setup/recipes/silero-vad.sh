# Silero's model of voice activity (16 kHz, 1.3 MB), from its authors' Python wheel; it is compiled into demarc-speech.
# portable: an ONNX graph
source=$1 out=$2
cp "$source/silero_vad/data/silero_vad_16k_op15.onnx" "$out/"
cp "$source"/silero_vad-*.dist-info/licenses/LICENSE "$out/"
