#!/bin/sh
# usage: setup_test.sh
# Tests setup.sh with stand-ins for apt-get and id: what it would install, and that it installs nothing when told not to.
set -eu

setup=$(cd "$(dirname "$0")/.." && pwd)/setup.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/headers"
echo '#define ORT_API_VERSION 23' >"$work/headers/onnxruntime_c_api.h"
touch "$work/headers/onnxruntime_cxx_api.h"

fail() {
  echo "setup_test: $1; stderr was:" >&2
  cat "$work/err" >&2
  exit 1
}
stand_in() { # name, body
  printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
for tool in sh sed head dirname mkdir mktemp rm ls mv cat tr grep; do
  ln -s "$(command -v "$tool")" "$work/bin/$tool"
done
stand_in apt-get "echo \"\$*\" >>'$work/apt-calls'"
stand_in id 'echo 0'

run() { # options...; sets status
  rm -f "$work/apt-calls"
  status=0
  env -i HOME="$work" PATH="$work/bin" ONNXRUNTIME_INCLUDE_DIR="$headers" CACHEBLEND_SETUP="$switch" \
    "$setup" "$@" >"$work/out" 2>"$work/err" || status=$?
}
installs_nothing() { [ ! -e "$work/apt-calls" ] || fail "$1 called apt-get"; }

headers=$work/headers switch=off
run
installs_nothing "CACHEBLEND_SETUP=off"
[ "$status" = 1 ] || fail "missing tools with set-up off: status $status, expected 1"
grep -q 'missing packages: g++ cmake ninja-build.*apt-get install' "$work/err" || fail "the command is not named"

switch=on
run --check
installs_nothing "--check"
[ "$status" = 1 ] || fail "--check with missing tools: status $status, expected 1"

if [ -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then
  run --no-tests
  grep -q 'install.* g++ cmake ninja-build' "$work/apt-calls" || fail "missing packages are not installed"
  ! grep -q 'clang-format' "$work/apt-calls" || fail "--no-tests installs tools of tests"
  grep -q 'installing packages: g++' "$work/err" || fail "what is installed is not named"
fi

for tool in g++ cmake make clang-format git redis-check-rdb; do stand_in "$tool" :; done
run --no-tests
installs_nothing "a machine with all tools"
[ "$status" = 0 ] && [ "$(cat "$work/out")" = "$work/headers" ] || fail "all tools present: status $status"
[ ! -s "$work/err" ] || fail "all tools present: messages"

headers= switch=off
run --no-tests
if [ ! -e /usr/include/onnxruntime/onnxruntime_cxx_api.h ]; then
  installs_nothing "missing headers with set-up off"
  [ "$status" = 1 ] || fail "missing headers with set-up off: status $status, expected 1"
  grep -q 'C headers of ONNX Runtime.*ONNXRUNTIME_INCLUDE_DIR' "$work/err" || fail "the remedy is not named"
fi

switch=maybe
run
[ "$status" = 2 ] || fail "CACHEBLEND_SETUP=maybe: status $status, expected 2"
echo "setup_test: passed"
