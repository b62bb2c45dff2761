#!/bin/bash
# Runs one variant of a CMake project inside the toolchain container: sync, configure, build, test.
# Always ends with 0: the verdict is read from /reports by the caller, so that reports survive a
# failure. Arguments come as lists behind markers and are never parsed as shell text:
#
#   run_variant.sh ::configure ARG… ::build ARG… [::test ARG… [::coverage ARG…]] [::install ARG…]
#                  [::lint ARG…]
#
# Environment: PIPELINES_RUN_ID (which run this is), PIPELINES_VARIANT, PIPELINES_SOURCE_SUBDIR,
# PIPELINES_FRESH (non-empty: start from an empty build directory), PIPELINES_SANITIZED (non-empty:
# look for the sanitizer's runtime in what was built), PIPELINES_TEST_JOBS (default: all
# processors), PIPELINES_LOG_BYTES (longest log that is kept).
set -u -o pipefail

readonly source=/source project=/project reports=/reports
readonly sources=$project/src build=$project/build stamp=$project/arguments
readonly cmake_files='(^|/)(CMakeLists\.txt|CMakePresets\.json|CMakeUserPresets\.json|[^/]*\.cmake(\.in)?)$'

configure=() build_arguments=() test_arguments=() install_arguments=() coverage_arguments=()
lint_arguments=() has_test='' has_coverage='' has_install='' has_lint=''
section=''
for argument in "$@"; do
  case $argument in
    ::configure | ::build | ::test | ::coverage | ::install | ::lint)
      section=${argument#::}
      [ "$section" = test ] && has_test=1
      [ "$section" = coverage ] && has_coverage=1
      [ "$section" = install ] && has_install=1
      [ "$section" = lint ] && has_lint=1
      ;;
    *)
      case $section in
        configure) configure+=("$argument") ;;
        build) build_arguments+=("$argument") ;;
        test) test_arguments+=("$argument") ;;
        coverage) coverage_arguments+=("$argument") ;;
        install) install_arguments+=("$argument") ;;
        lint) lint_arguments+=("$argument") ;;
      esac
      ;;
  esac
done

jobs=$(nproc)
# Compilers before GCC 13 and Clang 17 place sanitizer memory where a kernel with much address
# randomisation may have put something else, and then fail at random.
plain_addresses=()
if [ -n "${PIPELINES_SANITIZED:-}" ] && setarch "$(uname -m)" --addr-no-randomize true 2> /dev/null; then
  plain_addresses=(setarch "$(uname -m)" --addr-no-randomize)
fi

mkdir -p "$reports/sanitizer" "$sources"
chmod 1777 "$reports/sanitizer" # tests may run as other users
printf '%s' "${PIPELINES_RUN_ID:-}" > "$reports/run-id"

# Replaces secret values in a stream. The engine scrubs what it logs, but neither files nor parts
# of a secret.
redact() {
  if [ -f "$HOME/.netrc" ]; then perl /opt/pipelines/redact.pl "$HOME/.netrc"; else cat; fi
}

# step NAME COMMAND…: runs it with its output in NAME.log and on the progress stream.
step() {
  local name=$1 began ended code
  shift
  printf '::step %s %s\n' "${PIPELINES_VARIANT:-}" "$name"
  began=$(date +%s.%N)
  "$@" 2>&1 | redact | tee "$reports/$name.log" | perl /opt/pipelines/limit.pl 200000
  code=${PIPESTATUS[0]}
  ended=$(date +%s.%N)
  printf '%s %s %s\n' "$code" "$began" "$ended" > "$reports/$name.step"
  printf '::done %s %s %s\n' "${PIPELINES_VARIANT:-}" "$name" "$code"
  shorten "$reports/$name.log"
  return "$code"
}

# Keeps both ends of a log that is too long.
shorten() {
  local log=$1 limit=${PIPELINES_LOG_BYTES:-1000000} size
  size=$(stat -c %s "$log")
  [ "$size" -le "$limit" ] && return
  head -c $((limit / 2)) "$log" > "$log.short"
  printf '\n[… %s bytes truncated here …]\n' $((size - limit)) >> "$log.short"
  tail -c $((limit / 2)) "$log" >> "$log.short"
  mv "$log.short" "$log"
}

# Brings the sources into the kept folder. Contents decide, not times: a file that is the same
# keeps its old time and is not built again, a file that differs gets a new one, whatever its time
# was. A changed list of files, changed CMake files or changed arguments start a clean build, which
# the compiler cache makes cheap: what is removed or renamed can never linger.
sync_sources() {
  local changes arguments manifest before='' files_before=''
  # Without a stamp the build is a clean one: a sync that is cut short must not be taken for one
  # that had nothing to do.
  if [ -f "$stamp" ]; then
    before=$(cat "$stamp")
    files_before=$(cat "$project/manifest")
    rm "$stamp"
  fi
  # What the repository lists, not what was transferred: a build that writes into its sources is
  # put right by every sync.
  manifest=$(cd "$source" && find . ! -type d -printf '%p %l\n' | LC_ALL=C sort)
  changes=$(rsync --archive --checksum --no-times --no-owner --no-group --delete \
    --itemize-changes --out-format='%i %n' "$source/" "$sources/") || return
  # With the toolchain's digest: objects of another compiler or library version do not stay.
  arguments=$(
    printf '%s\n' "${configure[@]}" "${PIPELINES_SOURCE_SUBDIR:-}"
    grep '^digest ' /opt/pipelines/toolchain.txt
  )
  if [ -n "${PIPELINES_FRESH:-}" ]; then
    rm -rf "$build" "${project:?}/cpm"
  elif [ "$arguments" != "$before" ] ||
    [ "$manifest" != "$files_before" ] ||
    grep -E '^[<>ch]f' <<< "$changes" | cut -c13- | grep -qE "$cmake_files"; then
    # What downloads is a build of its own, which another generator cannot go on with.
    [ "$(generator_of "$arguments")" = "$(generator_of "$before")" ] || rm -rf "$build/_deps"
    clean_build
  fi
  mkdir -p "$build"
  printf '%s\n' "$manifest" > "$project/manifest"
  printf '%s\n' "$arguments" > "$stamp"
  printf '%s changed entries\n' "$(grep -c . <<< "$changes")"
}

# Prints the arguments that say, directly or by a preset, which generator is used.
generator_of() {
  grep -A1 -xE -e '-G|--preset' <<< "$1" || true
}

# Empties the build directory but for downloaded sources, which carry stamps of their own.
clean_build() {
  local kept=$project/kept
  rm -rf "$kept"
  mkdir -p "$kept"
  if [ -d "$build/_deps" ]; then
    find "$build/_deps" -mindepth 1 -maxdepth 1 \
      \( -name '*-src' -o -name '*-subbuild' \) -exec mv -t "$kept" {} +
  fi
  rm -rf "$build"
  if [ -n "$(ls -A "$kept")" ]; then
    mkdir -p "$build/_deps"
    find "$kept" -mindepth 1 -maxdepth 1 -exec mv -t "$build/_deps" {} +
  fi
}

# Lists every program and library that was linked, and whether a sanitizer's runtime is in it.
inspect_binaries() {
  find "$build" -type f \( -perm -111 -o -name '*.so*' \) \
    -not -path '*/CMakeFiles/*' -not -path '*/_deps/*' -print0 |
    while IFS= read -r -d '' file; do
      [ "$(head -c 4 "$file" | tail -c 3)" = ELF ] || continue
      if grep -qaE '__(asan|tsan|msan|ubsan)_' "$file"; then
        printf 'yes %s\n' "${file#"$build"/}"
      else
        printf 'no %s\n' "${file#"$build"/}"
      fi
    done > "$reports/instrumented.txt"
}

# Installs; a project without install rules gets its programs and libraries collected instead.
install_tree() {
  local out=/out stage=/stage prefix
  # Through DESTDIR: a project may cache absolute destinations, which --prefix would not move.
  prefix=$(sed -n 's/^CMAKE_INSTALL_PREFIX:[A-Z]*=//p' "$build/CMakeCache.txt")
  mkdir -p "$out" "$stage"
  DESTDIR=$stage cmake --install "$build" "${install_arguments[@]}" || return
  if [ -n "$prefix" ] && [ -d "$stage$prefix" ]; then
    cp -a "$stage$prefix/." "$out/" && rm -rf "${stage:?}$prefix"
  fi
  # What goes elsewhere on purpose, such as /etc, keeps its place below the install tree.
  find "$stage" -mindepth 1 -depth -type d -empty -delete
  cp -a "$stage/." "$out/" && rm -rf "$stage"
  [ -n "$(find "$out" -type f -print -quit)" ] && return
  echo "The project has no install rules: collecting what was linked."
  find "$build" \( -type f -o -type l \) \( -perm -111 -o -name '*.so*' -o -name '*.a' \) \
    -not -path '*/CMakeFiles/*' -not -path '*/_deps/*' -print0 |
    while IFS= read -r -d '' file; do
      case $(head -c 7 "$file" | tr -d '\0') in
        *ELF*) [[ $file == *.so* ]] && target=lib || target=bin ;;
        '!<arch>') target=lib ;;
        *) continue ;;
      esac
      mkdir -p "$out/$target" && cp --no-dereference --preserve=mode,links "$file" "$out/$target/"
    done
}

run() {
  local tested
  step sync sync_sources || return
  cd "$sources/${PIPELINES_SOURCE_SUBDIR:-.}" || return # where CMake looks for presets
  step configure cmake -S . -B "$build" "${configure[@]}" || return
  step build "${plain_addresses[@]}" cmake --build "$build" --parallel "$jobs" \
    "${build_arguments[@]}" || return
  [ -n "${PIPELINES_SANITIZED:-}" ] && inspect_binaries
  if [ -n "$has_test" ]; then
    # Where no test is found, one of these switches is the likely reason.
    grep -iE '^[A-Z0-9_]*TEST(S|ING)?(_[A-Z0-9_]*)?:BOOL=(OFF|FALSE|NO|0|N)$' "$build/CMakeCache.txt" \
      > "$reports/test-switches.txt"
    # Only these tests may count: not an earlier run, and not what ran while building.
    [ -n "$has_coverage" ] && find "$build" -name '*.gcda' -delete
    step test "${plain_addresses[@]}" ctest --test-dir "$build" --output-junit "$reports/junit.xml" \
      --parallel "${PIPELINES_TEST_JOBS:-$jobs}" "${test_arguments[@]}"
    tested=$?
    # Also when a test failed: what was not reached may tell why.
    [ -n "$has_coverage" ] && step coverage /opt/gcovr/bin/python /opt/pipelines/read_counters.py \
      "$sources" "$build" "$reports" "${coverage_arguments[@]}"
    [ "$tested" -eq 0 ] || return "$tested"
  fi
  if [ -n "$has_install" ]; then
    step install install_tree || return
  fi
  if [ -n "$has_lint" ]; then
    [ -n "${PIPELINES_FRESH:-}" ] && rm -rf "$project/lint"
    step lint env PYTHONPATH=/opt/pipelines/ python3 -m lint_tools --source "$sources" \
      --build "$build" --work "$project/lint" --reports "$reports" "${lint_arguments[@]}" || return
  fi
}
run

# Compilers and linkers fail for lack of space with many different words; the file system knows.
df --output=avail -B1 "$project" "$reports" | tail -n +2 | sort -n | head -1 > "$reports/free-bytes"
# The test driver keeps a copy of all output of all tests, secrets included.
if [ -f "$HOME/.netrc" ]; then
  rm -rf "$build/Testing"
  find "$reports" -type f -print0 | while IFS= read -r -d '' file; do
    redact < "$file" > "$file.redacted" && mv "$file.redacted" "$file"
  done
fi
exit 0
