#!/bin/sh
# usage: format.sh [--check]
# Formats all C++ sources, or fails where one is not formatted.
set -eu

cd "$(dirname "$0")"
if [ "${1:-}" = --check ]; then set -- --dry-run -Werror; else set -- -i; fi
find . \( -name '*.cc' -o -name '*.h' -o -name '*.cu' -o -name '*.cuh' \) -exec clang-format "$@" {} +
