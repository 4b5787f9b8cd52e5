# shellcheck shell=sh
# LibTorch and machines with GPUs, for ./dev, whose functions it uses: `. cmake/libtorch.sh`.
TORCH=2.11.0
CRT=13.0.88  # headers that those of nvidia-cuda-runtime include
LIBTORCH="torch==$TORCH nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85 nvidia-cuda-crt==$CRT"

has_libtorch() {
  [ -d "third_party/libtorch/torch-$TORCH.dist-info" ] &&
    [ -d "third_party/libtorch/nvidia_cuda_crt-$CRT.dist-info" ]
}

# The wheel of PyTorch carries LibTorch. A CPU build needs headers, libtorch_cpu, libc10 and what they
# link to; programs that look for a GPU library simply do not find one. With `gpu`: all of it, with what
# the wheel depends on.
fetch_libtorch() {
  new=third_party/.libtorch
  rm -rf "$new"
  mkdir -p "$new" || return 1
  dependencies=--no-deps
  [ "${1-}" != gpu ] || dependencies=
  # Debian's own Python: the first one in PATH may be of a version that has no wheel.
  # shellcheck disable=SC2086  # lists
  /usr/bin/python3 -m pip install --target "$new" $dependencies --no-compile \
    --disable-pip-version-check $LIBTORCH || return 1
  find "$new" -mindepth 1 -maxdepth 1 \
    ! -name torch ! -name nvidia ! -name '*.dist-info' -exec rm -rf {} +
  find "$new/torch" -mindepth 1 -maxdepth 1 ! -name include ! -name lib -exec rm -rf {} +
  rm -f "$new/torch/lib/libtorch_python.so"
  [ "${1-}" = gpu ] || (cd "$new/torch/lib" && rm -f libtorch.so libtorch_cuda*.so \
    libtorch_nvshmem.so libc10_cuda.so libcaffe2_nvrtc.so)
  links=$(LC_ALL=C ldd "$new/torch/lib/libtorch_cpu.so") || return 1
  case $links in *'not found'*)
    printf 'libtorch_cpu.so does not find all it needs:\n%s\n' "$links"
    return 1
    ;;
  esac
  if [ "${1-}" = gpu ]; then
    touch "$new/with-gpu"
  fi
  rm -rf third_party/libtorch
  mv "$new" third_party/libtorch  # last: half a download is never taken for a whole one
}

setup_gpu() {
  # shellcheck disable=SC2086  # a list
  packages $PACKAGES
  { has_libtorch && [ -e third_party/libtorch/with-gpu ]; } ||
    timed "Fetching LibTorch $TORCH with CUDA into third_party/libtorch (3.7 GB)" fetch_libtorch gpu
}

# Ends with 77, for skipped, where there is no GPU: before anything is fetched for one.
need_gpu() {
  [ -e /dev/nvidia0 ] && return 0
  printf './dev: no NVIDIA GPU on this machine (no /dev/nvidia0): nothing was run\n' >&2
  exit 77
}

# gpu PROGRAM [...]: builds and runs it, on a machine with a GPU.
gpu() {
  need_gpu
  setup_gpu
  program=$1
  shift
  build release "$(basename "$program")"
  exec "$program" "$@"
}
