#!/bin/sh
# usage: build.sh [--skip-tests=true|false] [--cuda=auto|on|off] BUILD_DIR [LIBRARY_DIR]
# Configures and builds the native library in BUILD_DIR, with its tests unless they are skipped, and copies libcacheblend.so
# to LIBRARY_DIR. CUDA kernels are built if nvcc is found (auto); --cuda=on fails without it.
# setup.sh installs missing tools first; CACHEBLEND_SETUP=off turns that off.
set -eu

tests=ON
cuda=AUTO
while :; do
  case $1 in
    --skip-tests=true) tests=OFF ;;
    --skip-tests=false) tests=ON ;;
    --cuda=auto) cuda=AUTO ;;
    --cuda=on) cuda=ON ;;
    --cuda=off) cuda=OFF ;;
    *) break ;;
  esac
  shift
done

say() { echo "native: $*" >&2; }

source=$(cd "$(dirname "$0")" && pwd)
build=$1
if [ "$tests" = ON ]; then headers=$("$source/setup.sh"); else headers=$("$source/setup.sh" --no-tests); fi

# CMake reconfigures itself when its files change. A new directory or another option needs a new configuration.
cached() { grep -qsxF "$1" "$build/CMakeCache.txt"; }
if ! cached "ONNXRUNTIME_INCLUDE_DIR:PATH=$headers" || ! cached "CACHEBLEND_TESTS:BOOL=$tests" ||
  ! cached "CACHEBLEND_CUDA:STRING=$cuda" || ! cached "CACHEBLEND_CUDA_ARCHITECTURES:STRING=${CUDAARCHS:-}"; then
  generator="Unix Makefiles"
  if command -v ninja >/dev/null 2>&1; then generator=Ninja; fi
  say "configuring in $build (tests $tests, CUDA $cuda)"
  rm -f "$build/CMakeCache.txt"
  cmake -S "$source" -B "$build" -G "$generator" -DONNXRUNTIME_INCLUDE_DIR:PATH="$headers" \
    -DCACHEBLEND_TESTS="$tests" -DCACHEBLEND_CUDA:STRING="$cuda" -DCACHEBLEND_CUDA_ARCHITECTURES:STRING="${CUDAARCHS:-}" \
    --log-level=WARNING >/dev/null
fi
[ -e "$build/libcacheblend.so" ] || say "building with $(nproc) jobs; the first build takes minutes"
cmake --build "$build" --parallel "$(nproc)" >"$build/build.log" || {
  status=$?
  cat "$build/build.log" >&2
  exit $status
}

if [ $# -gt 1 ]; then
  mkdir -p "$2"
  cmp -s "$build/libcacheblend.so" "$2/libcacheblend.so" || cp "$build/libcacheblend.so" "$2/libcacheblend.so"
fi
