# llama.cpp with the CUDA backend beside the processor. Needs NVIDIA's toolkit, which is not Debian's to give.
# native: as llama.cpp.sh, which does the work; the GPU kernels are those of this machine's GPU
PATH=$PATH:/usr/local/cuda/bin
eval "$(sed 's/-DGGML_NATIVE=ON/& -DGGML_CUDA=ON/' "$(dirname "${BASH_SOURCE[0]}")/llama.cpp.sh")"
