# Finds LibTorch in the folder of a PyTorch wheel. The wheel's own TorchConfig.cmake refuses to configure
# without a CUDA toolkit, although a CPU program needs only libtorch_cpu and libc10.
#
# Input   LIBTORCH_ROOT, a folder with include/ and lib/ (`./dev setup` makes one).
# Output  LibTorch::LibTorch, LibTorch_VERSION; LibTorch::CudaHeaders: what is needed to compile for CUDA, without its
#         libraries.
find_path(LibTorch_INCLUDE_DIR torch/csrc/api/include/torch/torch.h
  HINTS ${LIBTORCH_ROOT} PATH_SUFFIXES include NO_DEFAULT_PATH)
find_path(LibTorch_CUDA_INCLUDE_DIR crt/host_config.h
  HINTS ${LIBTORCH_ROOT}/../nvidia/cu13 PATH_SUFFIXES include NO_DEFAULT_PATH)
foreach(name torch_cpu c10)
  find_library(LibTorch_${name}_LIBRARY ${name} HINTS ${LIBTORCH_ROOT} PATH_SUFFIXES lib NO_DEFAULT_PATH)
endforeach()

set(version_header ${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h)
if(EXISTS ${version_header})
  file(STRINGS ${version_header} lines REGEX "#define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
  list(TRANSFORM lines REPLACE "[^0-9]+" "")
  list(JOIN lines "." LibTorch_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY LibTorch_INCLUDE_DIR LibTorch_CUDA_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION)

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  # -idirafter: the wheel carries Protobuf 3.13 headers, which must lose against the system's.
  target_compile_options(LibTorch::LibTorch INTERFACE
    "SHELL:-idirafter ${LibTorch_INCLUDE_DIR}"
    "SHELL:-idirafter ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
  # The wheel is built with NDEBUG, and some of its classes have other members without it.
  target_compile_definitions(LibTorch::LibTorch INTERFACE NDEBUG)
  target_link_libraries(LibTorch::LibTorch INTERFACE
    ${LibTorch_torch_cpu_LIBRARY} ${LibTorch_c10_LIBRARY})

  add_library(LibTorch::CudaHeaders INTERFACE IMPORTED)
  target_compile_options(LibTorch::CudaHeaders INTERFACE
    "SHELL:-idirafter ${LibTorch_INCLUDE_DIR}"
    "SHELL:-idirafter ${LibTorch_CUDA_INCLUDE_DIR}")
  target_compile_definitions(LibTorch::CudaHeaders INTERFACE NDEBUG)
endif()
