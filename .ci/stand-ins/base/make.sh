#!/bin/sh
# make.sh <file.tar>: a minimal Debian bookworm as a tar archive. Root only; debootstrap's own default mirror unless
# SAGALINE_DEBIAN_MIRROR names another.
set -eu
target=$1
root=$(mktemp -d)
cleanup() {
  umount "$root" 2>/dev/null || :
  rmdir "$root"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

# In memory: dpkg waits for the disk after each package, which costs more than everything else.
mount -t tmpfs -o exec,dev,mode=755,size=1g tmpfs "$root"
debootstrap --variant=minbase --exclude=apt-listchanges bookworm "$root" ${SAGALINE_DEBIAN_MIRROR:+"$SAGALINE_DEBIAN_MIRROR"} >&2

# What is installed later comes as bare as this, and fast.
cat >"$root/etc/dpkg/dpkg.cfg.d/stand-in" <<'TEXT'
force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/man/*
path-include=/usr/share/locale/locale.alias
path-exclude=/usr/share/locale/*/LC_MESSAGES/*
TEXT
cat >"$root/etc/apt/apt.conf.d/stand-in" <<'TEXT'
Acquire::Languages "none";
Acquire::Retries "5";
APT::Install-Recommends "false";
TEXT
# No daemon may start while an image is built.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/* "$root"/usr/share/doc/* "$root"/usr/share/info/* \
  "$root"/usr/share/man/* "$root"/usr/share/locale/*/LC_MESSAGES
# Empty, but there: packages link their manual pages into it.
for section in 1 2 3 4 5 6 7 8; do mkdir -p "$root/usr/share/man/man$section"; done
: >"$root/etc/hostname"
rm -f "$root/etc/resolv.conf"
tar -C "$root" --numeric-owner -cf "$target" .
