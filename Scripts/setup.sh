# Shared by Scripts/equipoise and Scripts/test, which source it: what has to be there before a build, and the build.
#
# Exit statuses after sysexits, as the tool's own: 69 something needed is missing, 70 the build failed,
# 73 the build folder cannot be written, 77 not allowed to install.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
build_notes=$root/.build/equipoise-scripts
build_log=$build_notes/build.log

say() { printf '%s\n' "$*" >&2; }

# die STATUS LINE…: the lines on standard error, then the end.
die() {
  local status=$1
  shift
  printf 'error: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
  exit "$status"
}

# MARK: - What has to be installed

# Everything that a build needs: Swift, the libraries, and what Swift itself leans on.
require_all() {
  command -v swift >/dev/null 2>&1 || die 69 "Swift is not on the PATH. Equipoise is built with Swift 6.1 or newer." \
    "Get it from https://www.swift.org/install, then run this again."
  require_libraries
  require_swift_version
}

# Unpacked from its archive on a bare system, Swift lacks shared libraries: the compiler some, swift build others.
is_swift_whole() { swift --version >/dev/null 2>&1 && swift build --version >/dev/null 2>&1; }

require_swift_version() {
  local banner version
  banner=$(swift --version 2>/dev/null) || die 69 "'swift --version' fails, so Swift is not whole." \
    "It says: $(swift --version 2>&1 | head -n 1)" \
    "Install the packages that https://www.swift.org/install names for this system."
  [[ $banner =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] || die 69 "'swift --version' does not name a version: $banner"
  version=$((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2]))
  [ "$version" -ge 6001 ] || die 69 "Swift ${BASH_REMATCH[1]}.${BASH_REMATCH[2]} is too old; Equipoise needs 6.1." \
    "Get a newer one from https://www.swift.org/install."
}

has_libraries() { command -v pkg-config >/dev/null 2>&1 && pkg-config --exists openblas zlib; }
has_cxx_headers() { compgen -G '/usr/include/c++/*/vector' >/dev/null; }

# The Debian packages that are missing, one a line. SwiftPM asks pkg-config for the libraries and git for the
# dependencies; swift-crypto, a dependency, is partly C++.
missing_packages() {
  command -v pkg-config >/dev/null 2>&1 || echo pkg-config
  for library in openblas:libopenblas-dev zlib:zlib1g-dev; do
    if command -v pkg-config >/dev/null 2>&1; then
      pkg-config --exists "${library%%:*}" || echo "${library##*:}"
    elif [ "$(dpkg-query -W -f '${db:Status-Status}' "${library##*:}" 2>/dev/null)" != installed ]; then
      echo "${library##*:}"
    fi
  done
  command -v git >/dev/null 2>&1 || echo git
  [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
  has_cxx_headers || echo g++
  # Under these names in every release; they bring the libraries, whose own names change.
  is_swift_whole || printf '%s\n' libcurl4-openssl-dev libedit-dev libncurses-dev libsqlite3-dev libxml2-dev
}

require_libraries() {
  if [ "$(uname -s)" = Darwin ]; then
    # Homebrew keeps OpenBLAS out of the folders that pkg-config searches.
    local prefix
    prefix=$(brew --prefix openblas 2>/dev/null) && export PKG_CONFIG_PATH="$prefix/lib/pkgconfig:${PKG_CONFIG_PATH:-}"
    has_libraries || die 69 "OpenBLAS, zlib or pkg-config is missing." \
      "Install them: brew install openblas zlib pkg-config"
  elif command -v apt-get >/dev/null 2>&1; then
    install_debian
  elif ! has_libraries || ! command -v git >/dev/null 2>&1 || ! has_cxx_headers; then
    die 69 "OpenBLAS, zlib, pkg-config, git or the C++ headers are missing, and this system has no apt-get." \
      "Fedora: sudo dnf install openblas-devel zlib-devel pkgconf-pkg-config git gcc-c++" \
      "macOS:  brew install openblas zlib pkg-config" \
      "Elsewhere: the packages with cblas.h, openblas.pc, zlib.h and zlib.pc."
  fi
}

install_debian() {
  local packages log
  packages=$(missing_packages | tr '\n' ' ')
  packages=${packages% }
  [ -n "$packages" ] || return 0

  local -a as_root=() names
  read -ra names <<<"$packages"
  say "Equipoise needs, and this machine lacks: $packages"
  if [ "$(id -u)" -ne 0 ]; then
    # Without a terminal, sudo could not ask for a password.
    if ! command -v sudo >/dev/null 2>&1 || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
      die 77 "only root may install packages." "Run as root: apt-get update && apt-get install $packages" \
        "Then run this again."
    fi
    as_root=(sudo)
  fi
  say "Installing: ${as_root[*]:+${as_root[*]} }apt-get install --no-install-recommends $packages"
  log=$(mktemp)
  # A machine that never updated its package lists, or long ago, knows the packages only after an update.
  if ! apt_get install "${names[@]}" >"$log" 2>&1; then
    say "Updating the package lists first: ${as_root[*]:+${as_root[*]} }apt-get update"
    if ! apt_get update >>"$log" 2>&1 || ! apt_get install "${names[@]}" >>"$log" 2>&1; then
      cat "$log" >&2
      rm -f "$log"
      die 69 "apt-get could not install $packages; its words stand above." "Install them by hand, then run this again."
    fi
  fi
  rm -f "$log"
  packages=$(missing_packages | tr '\n' ' ')
  [ -z "$packages" ] || die 69 "installed, and yet not found: $packages" \
    "See that Swift fits this system, and that pkg-config on the PATH is the system's own."
}

# apt-get, asking nothing; uses as_root of the caller.
apt_get() {
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends "$@" </dev/null
}

# MARK: - The build

# The toolchain behind a build: a binary finds Swift's libraries by this path.
toolchain() { readlink -f "$(command -v swift)" 2>/dev/null || command -v swift; }

# Whether the tool was built by these scripts from the sources as they are now, by the toolchain there is now (if any).
is_built() {
  [ -x "$root/.build/release/equipoise" ] && [ -e "$build_notes/built" ] &&
    { ! command -v swift >/dev/null 2>&1 || [ "$(<"$build_notes/built")" = "$(toolchain)" ]; } &&
    # Folders too: a file that was added or removed leaves its mark there.
    [ -z "$(find "$root/Sources" "$root/Package.swift" -newer "$build_notes/built" -print -quit)" ]
}

# What warned in the last build, in this package: dependencies answer for themselves.
warnings() {
  grep -E '^(warning: |[^ ]+: warning: )' "$build_log" | grep -vE '/\.build/(checkouts|repositories)/' |
    grep -vE "^warning: '(swift-[a-z-]+|hummingbird)'" | sort -u
}

# SwiftPM shows a warning only while it compiles, so a build that compiles nothing proves nothing. SwiftPM's database
# changes with each build: the note `database` holds its checksum as long as every build since the last clean check went
# through these scripts and showed no warning. Without that note, Scripts/test compiles this package anew.
database() { cksum "$root/.build/build.db" 2>/dev/null; }
all_warnings_seen() { [ -e "$build_notes/database" ] && [ "$(<"$build_notes/database")" = "$(database)" ]; }

# Where Swift comes without its static libraries, the tool leans on the shared ones (see Package.swift).
choose_runtime() {
  local resources
  resources=$(swift -print-target-info 2>/dev/null | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
  [ -f "${resources}_static/linux/libswiftCore.a" ] || export EQUIPOISE_SHARED_RUNTIME=1
}

# build ARGUMENTS: swift build in release, its output in $build_log and shown when it fails; progress on standard error.
build() {
  if ! mkdir -p "$build_notes" 2>/dev/null || [ ! -w "$build_notes" ]; then
    die 73 "$build_notes cannot be written." "Make the checkout writable, or clone it to a folder of your own."
  fi
  local begun=$SECONDS seen=false watcher status=0 stamp=$build_notes/built.$$
  choose_runtime
  ! all_warnings_seen || seen=true
  toolchain >"$stamp"
  : >"$build_log"
  show_progress &
  watcher=$!
  trap 'kill "$watcher" 2>/dev/null; rm -f "$stamp"' EXIT
  # In the foreground, so that an interrupt reaches it.
  swift build --package-path "$root" -c release "$@" >"$build_log" 2>&1 </dev/null || status=$?
  kill "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null || true
  [ ! -t 2 ] || printf '\r\033[K' >&2
  if [ "$status" -ne 0 ]; then
    cat "$build_log" >&2
    rm -f "$build_notes/database"
    die 70 "the build failed; its words stand above and in .build/equipoise-scripts/build.log."
  fi
  if $seen && [ -z "$(warnings)" ]; then database >"$build_notes/database"; else rm -f "$build_notes/database"; fi
  mv -f "$stamp" "$build_notes/built"
  trap - EXIT
  say "Built in $((SECONDS - begun)) s."
}

# SwiftPM's last step, again and again: in place on a terminal, every half minute elsewhere.
show_progress() {
  local step pause=30
  [ ! -t 2 ] || pause=1
  say "Building Equipoise (a first build takes some minutes) …"
  # The sleep outlives this loop's end for a moment, so it must not hold on to standard error.
  while sleep "$pause" 2>/dev/null; do
    step=$(grep -E '^\[[0-9]+/[0-9]+\]' "$build_log" | tail -n 1)
    if [ -t 2 ]; then printf '\r\033[K%.100s' "$step" >&2; elif [ -n "$step" ]; then say "$step"; fi
  done
}
