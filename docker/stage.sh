#!/bin/sh
# stage.sh cpu|cuda DESTINATION: what the image holds under /opt/lingula, from a finished build. Run in the builder
# stage, from the repository's root.
#   bin/ our programs and modules    torch/, nvidia/ LibTorch and what it links    bundles/    share/ licences
set -eu
flavour=$1
to=$2
libtorch=third_party/libtorch
mkdir -p "$to/bin" "$to/torch/lib" "$to/share/licenses"

for file in lingula-server lingula lingula-audit liblingula-cuda.so; do
  [ ! -e "build/release/bin/$file" ] || cp "build/release/bin/$file" "$to/bin/"
done
# The build tree's paths do not exist in the image.
for file in "$to"/bin/*; do
  strip --strip-unneeded "$file"
  # shellcheck disable=SC2016  # $ORIGIN is for the loader
  patchelf --set-rpath '$ORIGIN:$ORIGIN/../torch/lib' "$file"
done

# LibTorch finds NVIDIA's libraries beside itself. For processors only those that libtorch_cpu is linked to.
case $flavour in
  cpu)
    cp "$libtorch"/torch/lib/libtorch_cpu.so "$libtorch"/torch/lib/libc10.so "$libtorch"/torch/lib/libgomp.so.1 "$to/torch/lib/"
    LC_ALL=C ldd "$libtorch/torch/lib/libtorch_cpu.so" | sed -n 's|.*/\(nvidia/[^ ]*\) (.*|\1|p' | while read -r file; do
      mkdir -p "$to/$(dirname "$file")"
      cp -L "$libtorch/$file" "$to/$file"
    done
    ;;
  cuda)
    cp "$libtorch"/torch/lib/*.so* "$to/torch/lib/"
    (cd "$libtorch" && find nvidia -name '*.so*' -path '*/lib/*') | while read -r file; do
      mkdir -p "$to/$(dirname "$file")"
      cp -L "$libtorch/$file" "$to/$file"
    done
    ;;
  *) echo "stage.sh: flavour is cpu or cuda, got $flavour" >&2 && exit 2 ;;
esac
# Symbols for debuggers: a fifth of LibTorch.
strip --strip-unneeded "$to"/torch/lib/libtorch_cpu.so

cp -r model/bundles "$to/bundles"
cp LICENSE "$to/share/licenses/LICENSE"
cp tests/testdata/xray/a2eba651.jpg "$to/share/example.jpg"
cp tests/testdata/xray/ATTRIBUTION.md "$to/share/example.ATTRIBUTION.md"
chmod -R u=rwX,go=rX "$to"
