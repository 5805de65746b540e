#!/usr/bin/env bash
# usage: run.sh [--check] [FAULT...]
# Applies each fault of this directory (FAULT.patch; default all) to a scratch copy of the tree, builds what it touches, runs the
# tests of TEST_PACKAGES, and prints a Markdown table of the faults and the tests that fail.
#
#   --check      only verify that every patch applies to the tree and is listed in README.md; takes a second
#   COMPILED=1   use the classes of an earlier run
#   DETAILS=DIR  keep the failure messages in DIR
#
# Exit status: 0 every fault is caught, 1 a fault survives or its patch does not apply, 2 tests fail without a fault.
set -euo pipefail

faults=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$faults/../.." && pwd)
packages=${TEST_PACKAGES:-ai.cacheblend.worker.invariants ai.cacheblend.worker.kv}
say() { echo "faults: $*" >&2; }
# Outside a repository, git apply resolves paths against the current directory; inside, against its top level.
export GIT_CEILING_DIRECTORIES=${root%/*}
cd "$root"

check_patches() { # patch...
  local patch name status=0
  for patch in "$@"; do
    name=$(basename "$patch" .patch)
    if ! git apply --check --unidiff-zero "$patch"; then
      say "$name does not apply; make the fault by hand again and replace the patch"
      status=1
    fi
    if ! grep -q "^| $name |" "$faults/README.md"; then
      say "$name is not in the table of README.md"
      status=1
    fi
  done
  return $status
}

if [ "${1:-}" = --check ]; then
  shift
  patches=("${@/%/.patch}")
  [ $# -gt 0 ] || patches=("$faults"/*.patch)
  [ $# = 0 ] || patches=("${patches[@]/#/$faults/}")
  check_patches "${patches[@]}"
  say "${#patches[@]} patches apply"
  exit 0
fi

maven=(./mvnw -q ${MAVEN_FLAGS:-})
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# ---- class path, classes and tests without a fault, from the Maven build

if [ -z "${COMPILED:-}" ]; then
  say "compiling"
  "${maven[@]}" -pl worker-gpu -am test-compile dependency:build-classpath -Dexec.skip \
    -Dmdep.outputFile=target/test-class-path.txt -Dmdep.includeScope=test >&2
fi
commons=$(tr : '\n' <worker-gpu/target/test-class-path.txt | grep '/junit-platform-commons-[^/]*[.]jar$')
version=$(basename "$(dirname "$commons")")
launcher=${commons//junit-platform-commons/junit-platform-launcher}
if [ ! -e "$launcher" ]; then
  "${maven[@]}" dependency:get -Dartifact="org.junit.platform:junit-platform-launcher:$version" -Dtransitive=false >&2
fi
libraries=$(cat worker-gpu/target/test-class-path.txt):$launcher

# ---- the scratch copy, with a native build of little optimisation, which compiles faster

say "copying to $scratch"
cp "$faults"/*.patch "$scratch"
mkdir "$scratch/tree" "$scratch/tests" "$scratch/planted"
git ls-files worker-gpu/native worker-gpu/src | xargs cp --parents -t "$scratch/tree"
git -C "$scratch/tree" init -q
cp -r worker-gpu/target/classes worker-gpu/target/test-classes "$scratch"
javac -d "$scratch/tests" -cp "$libraries" "$faults/RunTests.java"
cmake -S "$scratch/tree/worker-gpu/native" -B "$scratch/native" -DCMAKE_BUILD_TYPE=Quick -DCMAKE_CXX_FLAGS=-O1 \
  -DCACHEBLEND_TESTS=OFF -DCACHEBLEND_CUDA=OFF -DONNXRUNTIME_INCLUDE_DIR:PATH="$(worker-gpu/native/setup.sh)" >"$scratch/cmake.log"

build_native() {
  cmake --build "$scratch/native" --parallel "$(nproc)" >"$scratch/native.log" 2>&1 &&
    cp "$scratch/native/libcacheblend.so" "$scratch/classes/native/linux-x86_64/"
}
# C1 only: faster for short runs.
run_tests() { # prints NAME<tab>MESSAGE per failing test
  # shellcheck disable=SC2086  # word splitting is intended
  timeout "${TIMEOUT_SECONDS:-600}" java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
    -cp "$scratch/planted:$scratch/tests:$scratch/test-classes:$scratch/classes:$libraries" \
    RunTests $packages 2>"$scratch/stderr.log"
}
mkdir -p "$scratch/classes/native/linux-x86_64"
if ! build_native; then
  cat "$scratch/native.log" >&2
  exit 2
fi
say "running the tests without a fault"
if ! run_tests >"$scratch/result.txt"; then
  cat "$scratch/result.txt" >&2
  exit 2
fi
say "without a fault: $(tail -n 1 "$scratch/result.txt")"

# ---- the faults, one at a time

native_is_stale=0 # 1 after a native fault was reverted, until the next native build
touches_native() { grep -q '^+++ .*/native/' "$1"; }

plant() { # patch
  git -C "$scratch/tree" apply --unidiff-zero "$1" || return 1
  if [ "$native_is_stale" = 1 ] || touches_native "$1"; then build_native || return 1; fi
  native_is_stale=0
  rm -rf "$scratch/planted"
  mkdir "$scratch/planted"
  mapfile -t sources < <(sed -n 's|^+++ b/\(.*[.]java\).*|\1|p' "$1")
  if [ ${#sources[@]} -gt 0 ]; then
    (cd "$scratch/tree" && javac -nowarn -d "$scratch/planted" -cp "$scratch/classes:$libraries" "${sources[@]}") \
      >"$scratch/javac.log" 2>&1
  fi
}

if [ $# = 0 ]; then
  cd "$faults" # native faults last: each needs a native build
  # shellcheck disable=SC2046  # word splitting is intended
  set -- $({ grep -L '^+++ .*/native/' ./*.patch; grep -l '^+++ .*/native/' ./*.patch; } | sed 's|^./||; s|[.]patch$||')
  cd "$root"
fi
survivors=0
echo "| fault | what it does | tests that fail |"
echo "|---|---|---|"
for fault in "$@"; do
  patch=$scratch/$fault.patch
  if ! plant "$patch"; then
    verdict="NOT PLANTED: apply or build failed"
    survivors=$((survivors + 1))
    tail -n 5 "$scratch/native.log" "$scratch/javac.log" >&2 2>/dev/null || true
  elif run_tests >"$scratch/result.txt"; then
    verdict=SURVIVED
    survivors=$((survivors + 1))
  else
    # Numbered tests are listed by number; a crash leaves no list.
    verdict=$(grep -P '\t' "$scratch/result.txt" | cut -f 1 | sed -E 's/^([IS][0-9]+):.*/\1/; s/\(\)$//' |
      sort -Vu | paste -sd ';' | sed 's/;/, /g' || true)
    verdict=${verdict:-the test JVM crashed}
    [ -z "${DETAILS:-}" ] || { mkdir -p "$DETAILS" && cp "$scratch/result.txt" "$DETAILS/$fault.txt"; }
  fi
  echo "| $fault | $(head -n 1 "$patch") | $verdict |"
  git -C "$scratch/tree" apply --unidiff-zero -R "$patch" || exit 2
  if touches_native "$patch"; then native_is_stale=1; fi
done
[ "$survivors" = 0 ]
