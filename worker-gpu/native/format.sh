#!/bin/sh
# usage: format.sh [--check]
# Formats all C++ and CUDA sources with clang-format; --check fails if a file is not formatted.
set -eu

cd "$(dirname "$0")"
if [ "${1:-}" = --check ]; then set -- --dry-run -Werror; else set -- -i; fi
find . \( -name '*.cc' -o -name '*.h' -o -name '*.cu' -o -name '*.cuh' \) -exec clang-format "$@" {} +
