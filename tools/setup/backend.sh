# Which backend the engine is built with, and why. Sourced by tools/setup.sh.
#
# choose_backend: sets `backend` to cpu, vulkan or cuda and `backend_why` to a sentence for people (`demarc doctor` says it). DEMARC_BACKEND decides,
# where it is set; else CUDA where its toolkit is, else Vulkan where there is a GPU, else the processor.
choose_backend() {
  local nodes=(/dev/dri/renderD*) nvcc
  nvcc=$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null || true)
  backend=cpu backend_why="no CUDA toolkit (nvcc) and no GPU (/dev/dri/renderD*) was found"
  [[ ! -e ${nodes[0]} ]] || backend=vulkan backend_why="there is a GPU (${nodes[0]}), and no CUDA toolkit (nvcc)"
  [[ -z $nvcc ]] || backend=cuda backend_why="the CUDA toolkit was found ($nvcc)"
  case ${DEMARC_BACKEND:-} in
    "") ;;
    cpu | vulkan | cuda) backend=$DEMARC_BACKEND backend_why="DEMARC_BACKEND=$DEMARC_BACKEND asked for it" ;;
    *) stop "DEMARC_BACKEND=$DEMARC_BACKEND: expected cpu, vulkan or cuda" ;;
  esac
}

# provide_llama BACKEND: prints the folder with that build of the engine.
provide_llama() {
  source "$root/tools/setup/packages.sh"
  source "$root/tools/setup/fetch.sh"
  source "$root/tools/setup/provide.sh"
  case $1 in
    cpu) provide llama.cpp ;;
    vulkan) ensure_packages "$root/tools/apt-packages-vulkan.txt" && provide llama.cpp+vulkan ;;
    cuda) provide llama.cpp+cuda ;;
  esac
}
