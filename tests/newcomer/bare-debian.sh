#!/usr/bin/env bash
# npm run test:newcomer [-- bookworm|trixie [22|24 [user|root]]]: a bare Debian with Node and Python 3 and nothing else, in a directory, and
# in it what a newcomer types, as a user and as root. Takes minutes and needs root, debootstrap and a way to Debian's packages;
# without them it says so and ends with 0. Nothing stays but the base, as an archive in the cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

suite="${1:-bookworm}"
node="${2:-22}"
who="${3:-both}"
cache="${SAGALINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sagaline}"
base="$cache/newcomer-$suite.tar"

skip() {
  printf '*** newcomer test SKIPPED: %s ***\n' "$1"
  exit 0
}
[ "$(id -u)" -eq 0 ] || skip 'it takes root'
command -v debootstrap >/dev/null || skip 'it takes debootstrap: apt-get install debootstrap'
unshare --mount --pid --fork true 2>/dev/null || skip 'this machine lets nobody mount (unshare)'

# In namespaces of its own: when this ends, however it does, its mounts and processes are gone.
if [ "${SAGALINE_NEWCOMER_INSIDE:-}" != yes ]; then
  root="$(mktemp -d /tmp/sagaline-newcomer.XXXXXX)"
  trap 'rm -rf --one-file-system "$root"' EXIT
  export SAGALINE_NEWCOMER_INSIDE=yes SAGALINE_NEWCOMER_ROOT="$root"
  unshare --mount --pid --fork --kill-child "${BASH_SOURCE[0]}" "$suite" "$node" "$who" && code=0 || code=$?
  exit "$code"
fi
root="$SAGALINE_NEWCOMER_ROOT"

if [ ! -e "$base" ]; then
  printf 'debootstrap %s, once …\n' "$suite"
  mkdir -p "$cache"
  debootstrap --variant=minbase --include=python3 "$suite" "$root/base" >"$root/debootstrap.log" 2>&1 ||
    skip "debootstrap failed: $(tail -n 1 "$root/debootstrap.log")"
  tar -C "$root/base" --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' -cf "$base.part" .
  mv "$base.part" "$base"
  rm -rf "$root/base"
fi
machine="$root/machine"
mkdir "$machine"
tar -C "$machine" -xf "$base"
mount --bind "$machine" "$machine"
mount -t proc proc "$machine/proc"
mount --rbind /dev "$machine/dev"
mount -t tmpfs tmpfs "$machine/dev/shm"

# Node as from nodejs.org: in /usr/local, npm beside it.
cp -a "$(npm run --silent test:node -- --where "$node")/." "$machine/usr/local/"
for name in npm npx; do ln -sf "../lib/node_modules/npm/bin/$name-cli.js" "$machine/usr/local/bin/$name"; done

# The machine's way to its registries, and nothing else of it.
for file in /etc/resolv.conf /etc/hosts /etc/pip.conf "${NODE_EXTRA_CA_CERTS:-}" "${PIP_CERT:-}"; do
  [ -f "$file" ] && mkdir -p "$machine$(dirname "$file")" && cp -L "$file" "$machine$file"
done
[ -f "$(npm config get globalconfig)" ] && mkdir -p "$machine/usr/local/etc" && cp "$(npm config get globalconfig)" "$machine/usr/local/etc/npmrc"
[ -f "$HOME/.m2/settings.xml" ] && mkdir -p "$machine/etc/maven" && cp "$HOME/.m2/settings.xml" "$machine/etc/maven/"
mapfile -t settings < <(env | grep -E '^(PIP_|NODE_EXTRA_CA_CERTS=|SSL_CERT_FILE=|(https?|no|all)_proxy=|(HTTPS?|NO|ALL)_PROXY=)')

chroot "$machine" useradd --create-home newcomer
for home in home/newcomer root; do
  git clone --quiet --no-hardlinks . "$machine/$home/sagaline"
done
chroot "$machine" chown -R newcomer: /home/newcomer

# Runs a line as somebody would type it, and says what it took.
type_as() {
  local who="$1" home="$2" line="$3" began=$SECONDS
  printf '\n%s$ %s\n' "$who" "$line"
  chroot --userspec="$who:" "$machine" env -i "${settings[@]}" HOME="/$home" USER="$who" PATH=/usr/local/bin:/usr/bin:/bin \
    sh -c "cd /$home/sagaline && $line" || {
    printf '*** newcomer test FAILED: %s as %s ***\n' "$line" "$who"
    exit 1
  }
  took+=("$(printf '%4d s  %-8s %s' $((SECONDS - began)) "$who" "$line")")
}

took=()
printf 'a %s with %s, %s and no java, mvn, pip, git, gcc\n' "$(cat "$machine/etc/debian_version")" \
  "$(chroot "$machine" node --version)" "$(chroot "$machine" python3 --version)"
if chroot "$machine" sh -c 'command -v java || command -v mvn || command -v pip3 || command -v git || command -v cc'; then
  echo 'this is not a bare machine' && exit 1
fi
if [ "$who" != root ]; then
  type_as newcomer home/newcomer 'npm run demo -- --once'
  # With all in its caches.
  type_as newcomer home/newcomer 'npm run demo -- --once'
  type_as newcomer home/newcomer 'npm test -- --project unit'
  type_as newcomer home/newcomer 'npm test -- --project integration tests/integration/relay'
fi
if [ "$who" != user ]; then
  type_as root root 'npm run demo -- --once'
fi

printf '\ndownloaded and unpacked:\n'
{ du -sh "$machine"/{home/newcomer,root}/{.cache/sagaline/*,.npm,sagaline/node_modules} 2>/dev/null || true; } | sed "s#$machine##"
printf '\n%s\n' "${took[@]}"
echo 'newcomer test: passed'
