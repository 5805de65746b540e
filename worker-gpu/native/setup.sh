#!/bin/sh
# usage: setup.sh [--check] [--no-tests]
# Installs the build tools of the native library and prints the directory of ONNX Runtime's C headers.
#
# As root on Debian, missing packages are installed with apt-get. The headers are downloaded into
# ${XDG_CACHE_HOME:-~/.cache}/cacheblend, which needs no root. What is present is never touched.
#
#   --check     install and download nothing; fail and name what is missing
#   --no-tests  leave out the tools that only tests need
#
#   CACHEBLEND_SETUP=off      same as --check
#   ONNXRUNTIME_INCLUDE_DIR   use these headers; must contain onnxruntime_cxx_api.h 1.21 or later
#
# Exit status: 0 everything is present, 1 something is missing, 2 bad usage.
set -eu

say() { echo "setup: $*" >&2; }
die() {
  say "$*"
  exit 1
}

tests=on
install=on
for argument in "$@"; do
  case $argument in
    --check) install=off ;;
    --no-tests) tests=off ;;
    *)
      say "unknown option '$argument'; use --check or --no-tests"
      exit 2
      ;;
  esac
done
case ${CACHEBLEND_SETUP:-on} in
  on) ;;
  off) install=off ;;
  *)
    say "CACHEBLEND_SETUP is '$CACHEBLEND_SETUP'; set it to on or off"
    exit 2
    ;;
esac

# ---- Debian packages

has_file() { [ -e "$1" ]; }
has_command() { command -v "$1" >/dev/null 2>&1; }
has_redis() { has_command redis-server || has_command valkey-server || has_command redis-check-rdb; }
is_debian() { has_command apt-get && has_file /usr/share/keyrings/debian-archive-keyring.gpg; }

require() { # package, test...
  package=$1
  shift
  "$@" || missing="$missing $package"
}

list_missing() {
  missing=
  require g++ has_command g++
  require cmake has_command cmake
  has_command make || require ninja-build has_command ninja
  [ "$tests" = off ] || require libgtest-dev has_file /usr/include/gtest/gtest.h
  [ "$tests" = off ] || require clang-format has_command clang-format
  [ "$tests" = off ] || require git has_command git
  # redis-tools has the server's program, and starts no service.
  [ "$tests" = off ] || require redis-tools has_redis
}

require_packages() {
  list_missing
  [ -n "$missing" ] || return 0
  command="apt-get install --no-install-recommends$missing"
  [ "$install" = on ] || die "missing packages:$missing. Installation is off; as root on Debian: apt-get update && $command"
  if ! is_debian || [ "$(id -u)" != 0 ]; then
    die "missing packages:$missing. As root on Debian: apt-get update && $command"
  fi
  say "installing packages:$missing (set CACHEBLEND_SETUP=off to install nothing)"
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086  # word splitting is intended
  { apt-get -qq update && apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends $missing; } >/dev/null ||
    die "failed: apt-get update && $command"
  list_missing
  [ -z "$missing" ] || die "still missing after installation:$missing"
}

# ---- ONNX Runtime's C headers: not in any Maven artifact, and in Debian only from release 13 (trixie)

suite=trixie
minimum_api=21
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cacheblend
manual="set ONNXRUNTIME_INCLUDE_DIR to the include directory of an official release archive \
(onnxruntime-linux-x64-VERSION.tgz, 1.$minimum_api or later)"

usable_headers() { # directory
  has_file "$1/onnxruntime_cxx_api.h" || return 1
  api=$(sed -n 's/^#define ORT_API_VERSION \([0-9]*\).*/\1/p' "$1/onnxruntime_c_api.h")
  [ "${api:-0}" -ge "$minimum_api" ]
}

find_headers() {
  for directory in /usr/include/onnxruntime "$cache"/onnxruntime-headers-*/usr/include/onnxruntime; do
    if usable_headers "$directory"; then
      echo "$directory"
      return 0
    fi
  done
  return 1
}

# The mirror that serves this machine's own release: the first entry of apt's sources for it.
debian_mirror() {
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
    sed -n "s/^$codename //p" | head -n 1
}

# Uses package lists and a package cache of its own, so that apt's state does not change.
download_headers() {
  [ "$install" = on ] || die "missing: C headers of ONNX Runtime. Installation is off; run ./cacheblend setup, or $manual"
  is_debian || die "missing: C headers of ONNX Runtime; $manual"
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die "missing: C headers of ONNX Runtime, and apt's sources name no Debian mirror; $manual"
  say "downloading the C headers of ONNX Runtime (libonnxruntime-dev of Debian $suite) to $cache"
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
    die "apt could not download libonnxruntime-dev of Debian $suite; $manual"
  package=$(ls "$work"/libonnxruntime-dev_*.deb)
  version=$(dpkg-deb --field "$package" Version)
  dpkg-deb -x "$package" "$work/unpacked"
  usable_headers "$work/unpacked/usr/include/onnxruntime" || die "libonnxruntime-dev $version is too old; $manual"
  target=$cache/onnxruntime-headers-$version
  rm -rf "$target"
  mv "$work/unpacked" "$target"
  rm -rf "$work"
}

require_packages
if [ -n "${ONNXRUNTIME_INCLUDE_DIR:-}" ]; then
  usable_headers "$ONNXRUNTIME_INCLUDE_DIR" ||
    die "ONNXRUNTIME_INCLUDE_DIR is '$ONNXRUNTIME_INCLUDE_DIR'; it has no onnxruntime_cxx_api.h of version 1.$minimum_api or later"
  echo "$ONNXRUNTIME_INCLUDE_DIR"
  exit 0
fi
find_headers || { download_headers && find_headers; }
