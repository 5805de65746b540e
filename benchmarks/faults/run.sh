#!/usr/bin/env bash
# usage: run.sh [FAULT...]
# Plants each fault of this folder (FAULT.patch; all, if none is named) in a scratch copy of the tree, builds what it
# touches, runs the tests of TEST_PACKAGES, and prints a Markdown table: fault, tests that failed.
# With COMPILED=1 the classes that an earlier run compiled are taken as they are.
# Exits with 1 where a fault survived or could not be planted, with 2 where tests fail without one.
set -euo pipefail

faults=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$faults/../.." && pwd)
packages=${TEST_PACKAGES:-ai.cacheblend.worker.invariants ai.cacheblend.worker.kv}
maven=(./mvnw -q ${MAVEN_FLAGS:-})
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
say() { echo "faults: $*" >&2; }
cd "$root"

# ---- class path, classes and tests as they are: from the Maven build

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

# ---- the scratch copy, with a native build that favours the compiler's speed

say "copying to $scratch"
mkdir "$scratch/tree" "$scratch/tests" "$scratch/planted"
git ls-files worker-gpu/native worker-gpu/src | xargs cp --parents -t "$scratch/tree"
git -C "$scratch/tree" init -q
cp -r worker-gpu/target/classes worker-gpu/target/test-classes "$scratch"
javac -d "$scratch/tests" -cp "$libraries" "$faults/RunTests.java"
cmake -S "$scratch/tree/worker-gpu/native" -B "$scratch/native" -DCMAKE_BUILD_TYPE=Quick -DCMAKE_CXX_FLAGS=-O1 \
  -DCACHEBLEND_TESTS=OFF -DONNXRUNTIME_INCLUDE_DIR:PATH="$(worker-gpu/native/setup.sh)" >"$scratch/cmake.log"

build_native() {
  cmake --build "$scratch/native" --parallel "$(nproc)" >"$scratch/native.log" 2>&1 &&
    cp "$scratch/native/libcacheblend.so" "$scratch/classes/native/linux-x86_64/"
}
# Short runs: the first compiler of the JVM is the faster one.
run_tests() { # prints NAME<tab>MESSAGE of those that fail
  # shellcheck disable=SC2086  # words are wanted
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

# ---- one fault after the other

native_is_stale=0 # after a native fault is taken back; the next build mends it
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
  cd "$faults" # native faults last: each costs a build
  # shellcheck disable=SC2046  # words are wanted
  set -- $({ grep -L '^+++ .*/native/' ./*.patch; grep -l '^+++ .*/native/' ./*.patch; } | sed 's|^./||; s|[.]patch$||')
  cd "$root"
fi
survivors=0
echo "| fault | what it does | tests that fail |"
echo "|---|---|---|"
for fault in "$@"; do
  patch=$faults/$fault.patch
  if ! plant "$patch"; then
    verdict="NOT PLANTED: apply or build failed"
    survivors=$((survivors + 1))
    tail -n 5 "$scratch/native.log" "$scratch/javac.log" >&2 2>/dev/null || true
  elif run_tests >"$scratch/result.txt"; then
    verdict=SURVIVED
    survivors=$((survivors + 1))
  else
    # Of numbered tests the number; a crash leaves no list.
    verdict=$(grep -P '\t' "$scratch/result.txt" | cut -f 1 | sed -E 's/^([IS][0-9]+):.*/\1/; s/\(\)$//' |
      sort -Vu | paste -sd ';' | sed 's/;/, /g' || true)
    verdict=${verdict:-the test JVM ended}
    [ -z "${DETAILS:-}" ] || { mkdir -p "$DETAILS" && cp "$scratch/result.txt" "$DETAILS/$fault.txt"; }
  fi
  echo "| $fault | $(head -n 1 "$patch") | $verdict |"
  git -C "$scratch/tree" apply --unidiff-zero -R "$patch" || exit 2
  if touches_native "$patch"; then native_is_stale=1; fi
done
[ "$survivors" = 0 ]
