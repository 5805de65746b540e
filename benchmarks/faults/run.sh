#!/usr/bin/env bash
# usage: run.sh [--check] [FAULT...]
# Applies each fault of this directory (FAULT.patch; default all) to a scratch copy of the tree, builds what it touches, runs the
# tests of the fault, and prints a Markdown table of the faults and the tests that fail.
#
# The first line of a patch describes the fault. A line "tests: MODULE NAME..." before the diff names the module and the packages or
# classes of its tests; without it, they are worker-gpu and TEST_PACKAGES.
#
#   --check      only verify that every patch applies to the tree and is listed in README.md; takes a second
#   COMPILED=1   use the classes of an earlier run
#   DETAILS=DIR  keep the failure messages in DIR
#
# Exit status: 0 every fault is caught, 1 a fault survives or its patch does not apply, 2 tests fail without a fault.
set -euo pipefail

faults=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$faults/../.." && pwd)
blending_tests="worker-gpu ${TEST_PACKAGES:-ai.cacheblend.worker.invariants ai.cacheblend.worker.kv}"
say() { echo "faults: $*" >&2; }
# Outside a repository, git apply resolves paths against the current directory; inside, against its top level.
export GIT_CEILING_DIRECTORIES=${root%/*}
cd "$root"

tests_of() { # patch; prints MODULE NAME...
  local line
  line=$(sed -n '/^--- /q; s/^tests: //p' "$1")
  echo "${line:-$blending_tests}"
}

check_patches() { # patch...
  local patch name status=0
  for patch in "$@"; do
    name=$(basename "$patch" .patch)
    if ! git apply --check --unidiff-zero "$patch"; then
      say "$name does not apply; make the fault by hand again and replace the patch"
      status=1
    fi
    for test in $(tests_of "$patch" | cut -d ' ' -f 2-); do
      if [ -z "$(find ./*/src/test/java -path "*/${test//.//}" -o -path "*/${test//.//}.java")" ]; then
        say "$name names the tests $test, which do not exist"
        status=1
      fi
    done
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

if [ $# = 0 ]; then
  cd "$faults" # native faults last: each needs a native build
  # shellcheck disable=SC2046  # word splitting is intended
  set -- $({ grep -L '^+++ .*/native/' ./*.patch; grep -l '^+++ .*/native/' ./*.patch; } | sed 's|^./||; s|[.]patch$||')
  cd "$root"
fi
needs_native() { [ "$(tests_of "$1" | cut -d ' ' -f 1)" = worker-gpu ]; }
native=0
for fault in "$@"; do
  [ -e "$faults/$fault.patch" ] || { say "there is no $fault.patch" && exit 2; }
  ! needs_native "$faults/$fault.patch" || native=1
done

# ---- class paths, classes and tests without a fault, from the Maven build

modules=$(for fault in "$@"; do tests_of "$faults/$fault.patch" | cut -d ' ' -f 1; done | sort -u | paste -sd ,)
if [ -z "${COMPILED:-}" ]; then
  say "compiling $modules"
  "${maven[@]}" -pl "$modules" -am test-compile dependency:build-classpath -Dexec.skip \
    -Dmdep.outputFile=target/test-class-path.txt -Dmdep.includeScope=test >&2
fi
module_path() { cat "$root/$1/target/test-class-path.txt"; } # module
any=${modules%%,*}
commons=$(module_path "$any" | tr : '\n' | grep '/junit-platform-commons-[^/]*[.]jar$')
version=$(basename "$(dirname "$commons")")
launcher=${commons//junit-platform-commons/junit-platform-launcher}
if [ ! -e "$launcher" ]; then
  "${maven[@]}" dependency:get -Dartifact="org.junit.platform:junit-platform-launcher:$version" -Dtransitive=false >&2
fi

# ---- the scratch copy, with a native build of little optimisation, which compiles faster

say "copying to $scratch"
cp "$faults"/*.patch "$scratch"
mkdir "$scratch/tree" "$scratch/tests" "$scratch/planted"
git ls-files worker-gpu/native '*/src/main/java/*' | xargs cp --parents -t "$scratch/tree"
git -C "$scratch/tree" init -q
javac -d "$scratch/tests" -cp "$(module_path "$any"):$launcher" "$faults/RunTests.java"

# Classes of a module: those of the build; for the worker a copy, whose native library is replaced.
classes_of() { # module
  if [ "$1" = worker-gpu ]; then echo "$scratch/classes"; else echo "$root/$1/target/classes"; fi
}
build_native() {
  cmake --build "$scratch/native" --parallel "$(nproc)" >"$scratch/native.log" 2>&1 &&
    cp "$scratch/native/libcacheblend.so" "$scratch/classes/native/linux-x86_64/"
}
# C1 only: faster for short runs.
run_tests() { # module name...; prints NAME<tab>MESSAGE per failing test
  local module=$1
  shift
  (
    cd "$root/$module"
    timeout "${TIMEOUT_SECONDS:-600}" java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
      -cp "$scratch/planted:$scratch/tests:target/test-classes:$(classes_of "$module"):$(module_path "$module"):$launcher" \
      RunTests "$@" 2>"$scratch/stderr.log"
  )
}
if [ "$native" = 1 ]; then
  cp -r worker-gpu/target/classes "$scratch"
  cmake -S "$scratch/tree/worker-gpu/native" -B "$scratch/native" -DCMAKE_BUILD_TYPE=Quick -DCMAKE_CXX_FLAGS=-O1 \
    -DCACHEBLEND_TESTS=OFF -DCACHEBLEND_CUDA=OFF -DONNXRUNTIME_INCLUDE_DIR:PATH="$(worker-gpu/native/setup.sh)" >"$scratch/cmake.log"
  mkdir -p "$scratch/classes/native/linux-x86_64"
  if ! build_native; then
    cat "$scratch/native.log" >&2
    exit 2
  fi
fi
while read -r tests; do
  say "running without a fault: $tests"
  # shellcheck disable=SC2086  # word splitting is intended
  if ! run_tests $tests >"$scratch/result.txt"; then
    cat "$scratch/result.txt" >&2
    exit 2
  fi
  say "without a fault: $(tail -n 1 "$scratch/result.txt")"
done < <(for fault in "$@"; do tests_of "$scratch/$fault.patch"; done | sort -u)

# ---- the faults, one at a time

native_is_stale=0 # 1 after a native fault was reverted, until the next native build
touches_native() { grep -q '^+++ .*/native/' "$1"; }

plant() { # patch
  local module
  module=$(tests_of "$1" | cut -d ' ' -f 1)
  git -C "$scratch/tree" apply --unidiff-zero "$1" || return 1
  if touches_native "$1" || { [ "$native_is_stale" = 1 ] && needs_native "$1"; }; then
    build_native || return 1
    native_is_stale=0
  fi
  rm -rf "$scratch/planted"
  mkdir "$scratch/planted"
  mapfile -t sources < <(sed -n 's|^+++ b/\(.*[.]java\).*|\1|p' "$1")
  if [ ${#sources[@]} -gt 0 ]; then
    (cd "$scratch/tree" && javac -nowarn -d "$scratch/planted" \
      -cp "$(classes_of "$module"):$(module_path "$module")" "${sources[@]}") >"$scratch/javac.log" 2>&1
  fi
}

survivors=0
echo "| fault | what it does | tests that fail |"
echo "|---|---|---|"
for fault in "$@"; do
  patch=$scratch/$fault.patch
  if ! plant "$patch"; then
    verdict="NOT PLANTED: apply or build failed"
    survivors=$((survivors + 1))
    tail -n 5 "$scratch/native.log" "$scratch/javac.log" >&2 2>/dev/null || true
  elif run_tests $(tests_of "$patch") >"$scratch/result.txt"; then
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
