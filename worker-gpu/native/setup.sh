#!/bin/sh
# usage: setup.sh [--no-tests]
# Makes sure that this machine can build the native library and its tests; prints the folder of ONNX Runtime's C headers.
# On Debian, what is missing is installed when this runs as root; otherwise it is named, with the command
# that installs it. ONNXRUNTIME_INCLUDE_DIR, where set, is taken as it is.
set -eu

tests=ON
[ "${1:-}" != --no-tests ] || tests=OFF

say() { echo "setup: $*" >&2; }
die() {
  say "$*"
  exit 1
}

has_file() { [ -e "$1" ]; }
has_command() { command -v "$1" >/dev/null 2>&1; }

missing=
require() { # package, test
  package=$1
  shift
  "$@" || missing="$missing $package"
}

list_missing() {
  missing=
  require g++ has_command g++
  require cmake has_command cmake
  has_command make || require ninja-build has_command ninja
  [ "$tests" = OFF ] || require libgtest-dev has_file /usr/include/gtest/gtest.h
  [ "$tests" = OFF ] || require clang-format has_command clang-format
}

is_debian() { has_command apt-get && has_file /usr/share/keyrings/debian-archive-keyring.gpg; }

install_missing() {
  list_missing
  [ -n "$missing" ] || return 0
  command="apt-get install --no-install-recommends$missing"
  if ! is_debian || [ "$(id -u)" != 0 ]; then
    die "missing:$missing. On Debian, as root: apt-get update && $command"
  fi
  say "installing$missing"
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086  # words are wanted
  { apt-get -qq update && apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends $missing; } >/dev/null ||
    die "failed: apt-get update && $command"
  list_missing
  [ -z "$missing" ] || die "still missing after installation:$missing"
}

# ---- ONNX Runtime's headers: in no Maven artifact, and in Debian only from 13 (trixie) on

suite=trixie
minimum_api=21
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cacheblend
manual="set ONNXRUNTIME_INCLUDE_DIR to the include folder of an official release archive \
(onnxruntime-linux-x64-VERSION.tgz on ONNX Runtime's release page, 1.$minimum_api or later)"

usable_headers() { # folder
  has_file "$1/onnxruntime_cxx_api.h" || return 1
  api=$(sed -n 's/^#define ORT_API_VERSION \([0-9]*\).*/\1/p' "$1/onnxruntime_c_api.h")
  [ "${api:-0}" -ge "$minimum_api" ]
}

find_headers() {
  for folder in /usr/include/onnxruntime "$cache"/onnxruntime-headers-*/usr/include/onnxruntime; do
    if usable_headers "$folder"; then
      echo "$folder"
      return 0
    fi
  done
  return 1
}

# The mirror of this machine's own release: first entry of its apt sources with that suite.
debian_mirror() {
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
    sed -n "s/^$codename //p" | head -n 1
}

# Unpacks the package beside the system, with lists and cache of its own: needs no root and changes
# nothing that apt knows.
download_headers() {
  is_debian || die "missing: C headers of ONNX Runtime; $manual"
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die "missing: C headers of ONNX Runtime, and no Debian mirror in apt's sources; $manual"
  say "downloading libonnxruntime-dev (headers only) from Debian's suite $suite"
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/download.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
  apt() {
    apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
      -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= \
      -o Acquire::Languages=none "$@" >&2
  }
  (cd "$work" && apt update && apt download libonnxruntime-dev) ||
    die "apt could not download libonnxruntime-dev from suite $suite; $manual"
  package=$(ls "$work"/libonnxruntime-dev_*.deb)
  version=$(dpkg-deb --field "$package" Version)
  dpkg-deb -x "$package" "$work/unpacked"
  usable_headers "$work/unpacked/usr/include/onnxruntime" || die "libonnxruntime-dev $version is too old; $manual"
  target=$cache/onnxruntime-headers-$version
  rm -rf "$target"
  mv "$work/unpacked" "$target"
  rm -rf "$work"
}

install_missing
if [ -n "${ONNXRUNTIME_INCLUDE_DIR:-}" ]; then
  usable_headers "$ONNXRUNTIME_INCLUDE_DIR" ||
    die "ONNXRUNTIME_INCLUDE_DIR '$ONNXRUNTIME_INCLUDE_DIR' holds no onnxruntime_cxx_api.h of version 1.$minimum_api or later"
  echo "$ONNXRUNTIME_INCLUDE_DIR"
  exit 0
fi
find_headers || { download_headers && find_headers; }
