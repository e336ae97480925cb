#!/usr/bin/env bash
# Makes this clone ready to run: Debian packages, npm packages, the TypeScript and the native build.
# Idempotent, quiet when there is nothing to do, and safe to run twice at once.
#
#   scripts/setup.sh          what `npm start` needs
#   scripts/setup.sh --dev    what `npm test` needs besides, and arm64 lab guests (`npm run setup`)
#
# Exit codes: 0 ready, 1 a build failed, 2 wrong usage, 3 this machine lacks something that cannot be had.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

ROOT=$PWD
LOG=$ROOT/build/setup.log
CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/tunesmith
NODE_MINIMUM=20.19

BUILD=(g++ make cmake ninja-build python3 pkg-config nlohmann-json3-dev libbpf-dev libzstd-dev bpftool)
# A kernel is unpacked from its vmlinuz with what it was packed with.
UNPACK=(zstd lz4 xz-utils)
WORKLOADS=(rt-tests stress-ng)
DEV=(clang-format)
CROSS=(g++-aarch64-linux-gnu)

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "${@:2}"; exit "$1"; }

# Runs a long step with its output in the log, and shows the log's end when it fails.
step() {
  say "$1"
  "${@:2}" >"$LOG" 2>&1 && return
  tail -n 40 "$LOG" >&2
  say "failed: $1"
  return 1
}

# Without our lock: a service that a package starts would keep it for good.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@" 9>&-
  elif command -v sudo >/dev/null; then sudo "$@" 9>&-
  else fail 3 "not root and no sudo; as root, run: $*"
  fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -y -q -o DPkg::Lock::Timeout=600 "$@"; }

absent() {
  local have
  have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p') || true
  for name; do grep -qxF "$name" <<<"$have" || echo "$name"; done
}

# The version apt would install, or nothing.
candidate() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -nE 's/^ *Candidate: ([0-9].*)/\1/p'; }

# Installs what is absent of the named packages, and fetches new package lists only when apt knows no candidate.
packages() {
  local names name
  mapfile -t names < <(absent "$@")
  [ ${#names[@]} -gt 0 ] || return 0
  for name in "${names[@]}"; do
    [ -z "$(candidate "$name")" ] || continue
    step 'updating the package lists' apt update || return 1
    break
  done
  step "installing ${names[*]}" apt --no-install-recommends --no-remove install "${names[@]}"
}

# A clang that is new enough for policies (src/host/probes/tools.ts), by the number in its name.
compiler() {
  local number
  for number in {30..17}; do command -v "clang-$number" >/dev/null && return; done
  number=$(clang --version 2>/dev/null | sed -nE 's/.*clang version ([0-9]+).*/\1/p')
  [ "${number:-0}" -lt 17 ] || return 0
  [ -n "$(candidate clang)" ] || step 'updating the package lists' apt update || return 1
  for number in 19 {30..17}; do
    [ -z "$(candidate "clang-$number")" ] || { packages "clang-$number" && return; }
  done
  return 1
}

debian_packages() {
  command -v dpkg-query >/dev/null || fail 3 'set-up knows Debian 12 and 13 only, and this machine has no dpkg'
  packages "${BUILD[@]}" || fail 3 'the build tools cannot be installed'
  packages "${UNPACK[@]}" || fail 3 "the tools that unpack a kernel cannot be installed"
  packages "${WORKLOADS[@]}" || say "going on without ${WORKLOADS[*]}: their workloads will not run"
  compiler || fail 3 "clang 17 or newer cannot be installed; the BPF programs are compiled with it"
  [ "$1" = plain ] && return
  packages "${DEV[@]}" || say "going on without ${DEV[*]}"
  packages "${CROSS[@]}" || say "going on without ${CROSS[*]}: arm64 lab guests will not run"
}

# A prefix with the headers of the running Node, for compiling better-sqlite3.
node_headers() {
  local version major prefix
  version=$(node -p process.versions.node)
  major=${version%%.*}
  has() { grep -qsE "define NODE_MAJOR_VERSION $major\$" "$1/include/node/node_version.h"; }
  for prefix in "$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")" /usr /usr/local; do
    has "$prefix" && echo "$prefix" && return
  done
  # Debian's Node has its headers in a package of the same version.
  if [[ $(candidate libnode-dev) == "$version"* ]]; then
    packages libnode-dev && has /usr && echo /usr && return
  fi
  # The npm package of this very version carries them too; the rest of it is not kept.
  prefix=$CACHE/node-headers/$version
  if ! has "$prefix"; then
    local name part
    name=node-linux-$(node -p process.arch)
    mkdir -p "$prefix"
    part=$(mktemp -d "$prefix/part.XXXXXX")
    step "fetching the headers of Node $version" npm install --ignore-scripts --no-save --no-audit --no-fund \
      --prefix "$part" "$name@$version" && mv "$part/node_modules/$name/include" "$prefix/"
    rm -rf "$part"
  fi
  has "$prefix" && echo "$prefix"
}

sqlite_works() { node -e 'new (require("better-sqlite3"))(":memory:").close()' 2>/dev/null; }

# `npm run` instead of an install script: npm may be set to run none, and this one would first try a download.
compile_sqlite() {
  local headers
  headers=$(node_headers) || fail 3 "no headers of Node $(node -v) to compile better-sqlite3 with"
  compile() { (cd node_modules/better-sqlite3 && npm_config_nodedir=$headers npm_config_jobs=max npm run build-release); }
  step 'compiling better-sqlite3 (about a minute)' compile || fail 1 'better-sqlite3 does not compile'
  sqlite_works || fail 1 'better-sqlite3 was compiled but does not load'
}

npm_packages() {
  if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    step 'installing npm packages' npm ci --ignore-scripts --no-audit --no-fund || fail 1 'npm ci failed'
    touch node_modules/.package-lock.json
  fi
  sqlite_works || compile_sqlite
}

# Programs of others that judge the MCP server bring a Node of their own, which must not be the project's.
judges() {
  local home=test/judges
  local done=$home/node_modules/.package-lock.json
  if [ ! -e $done ] || [ $home/package-lock.json -nt $done ]; then
    step 'installing the judges of the MCP server' npm ci --prefix $home --ignore-scripts --no-audit --no-fund ||
      fail 1 'npm ci of test/judges failed'
    touch $done
  fi
}

# True when something under the named paths changed after the stamp was set; a deletion shows in its directory.
newer() {
  local stamp=$1 path there=()
  [ -e "$stamp" ] || return 0
  for path in "${@:2}"; do [ ! -e "$path" ] || there+=("$path"); done
  [ -n "$(find "${there[@]}" -newer "$stamp" -print -quit)" ]
}

typescript() {
  local stamp=dist/.built file source
  newer "$stamp" src tsconfig.json package-lock.json || return 0
  mkdir -p dist
  touch dist/.building
  if step 'compiling TypeScript' node_modules/.bin/tsc -p tsconfig.json; then mv dist/.building "$stamp"
  # With type errors there is still a program; `npm test` counts them as a failure of its own.
  elif [ "$1" = dev ] && [ -e dist/setup/main.js ]; then rm -f dist/.building
  else fail 1 'the TypeScript sources do not compile'
  fi
  # tsc leaves behind what it made of sources that are gone.
  while IFS= read -r file; do
    source=src/${file#dist/}
    [ -e "${source%.js}.ts" ] || rm -f "$file" "$file.map" "${file%.js}.d.ts"
  done < <(find dist -name '*.js')
}

# Whether a native build is done: its tree, its architecture, its products.
built() {
  local product
  for product in "${@:3}"; do [ -e "prebuilds/linux-$2/$product" ] || return 1; done
  ! newer "$1/.built" native bpf CMakeLists.txt
}

# A configuration that was cut off, or made for another place, cannot be built upon.
begin_build() {
  if ! { grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$ROOT" "$1/CMakeCache.txt" &&
    { [ -e "$1/build.ninja" ] || [ -e "$1/Makefile" ]; }; }; then
    rm -rf "$1"
  fi
  mkdir -p "$1"
  touch "$1/.building"
}

native() {
  local tree=build/native
  ! built $tree "$(node -p process.arch)" tunesmith.glibc.node tunesmith-agent tunesmith-deadman \
    tunesmith-confine tunesmith-lockstep.so || return 0
  begin_build $tree
  step 'compiling the native half' node_modules/.bin/cmake-js build --out $tree --parallel "$(nproc)" ||
    fail 1 'the native sources do not compile'
  mv $tree/.building $tree/.built
}

# The agent of arm64 lab guests.
arm64_agent() {
  local tree=build/arm64
  command -v aarch64-linux-gnu-g++ >/dev/null || return 0
  ! built $tree arm64 tunesmith-agent || return 0
  begin_build $tree
  compile() {
    cmake -S . -B $tree -G Ninja -DCMAKE_TOOLCHAIN_FILE=native/arm64.cmake &&
      cmake --build $tree --parallel "$(nproc)"
  }
  step 'compiling the agent for arm64' compile || fail 1 'the agent does not compile for arm64'
  mv $tree/.building $tree/.built
}

mode=plain
case "${1-}" in
  '') ;;
  --dev) mode=dev ;;
  *) fail 2 "unknown option $1; usage: scripts/setup.sh [--dev]" ;;
esac

command -v node >/dev/null && command -v npm >/dev/null || fail 3 "Node >= $NODE_MINIMUM and npm are needed"
[ "$(printf '%s\n' "$NODE_MINIMUM" "$(node -p process.versions.node)" | sort -V | head -n 1)" = "$NODE_MINIMUM" ] ||
  fail 3 "Node $(node -v) is too old; $NODE_MINIMUM or newer is needed"

mkdir -p build
exec 9>build/.setup.lock
flock -n 9 || { say 'another set-up of this clone is at work, waiting for it'; flock 9; }

debian_packages "$mode"
npm_packages
typescript "$mode"
node dist/setup/main.js "$mode"
native
[ "$mode" = plain ] || judges
[ "$mode" = plain ] || arm64_agent
