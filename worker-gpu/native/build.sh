#!/bin/sh
# usage: build.sh BUILD_DIR [LIBRARY_DIR]
# Configures and builds the native library and its tests in BUILD_DIR; copies libcacheblend.so to LIBRARY_DIR.
set -eu

source=$(cd "$(dirname "$0")" && pwd)
build=$1
headers=$("$source/setup.sh")

# CMake reconfigures by itself when its files change; here only when the folder is new or the headers moved.
if ! grep -qsxF "ONNXRUNTIME_INCLUDE_DIR:PATH=$headers" "$build/CMakeCache.txt"; then
  generator="Unix Makefiles"
  if command -v ninja >/dev/null 2>&1; then generator=Ninja; fi
  rm -rf "$build"
  cmake -S "$source" -B "$build" -G "$generator" -DONNXRUNTIME_INCLUDE_DIR:PATH="$headers" --log-level=WARNING >/dev/null
fi
cmake --build "$build" --parallel "$(nproc)" >"$build/build.log" || {
  status=$?
  cat "$build/build.log" >&2
  exit $status
}

if [ $# -gt 1 ]; then
  mkdir -p "$2"
  cmp -s "$build/libcacheblend.so" "$2/libcacheblend.so" || cp "$build/libcacheblend.so" "$2/libcacheblend.so"
fi
