#!/bin/sh
# First half of the embedded engine's start: builds the engine's private root and enters it.
# Runs as PID 1 of fresh mount, PID, IPC and UTS namespaces (see engine/embedded_process.py), so
# every mount made here disappears with the last process and none is ever seen by the host.
#
# usage: supervisor.sh ROOTFS INSTANCE BIN CONTENT SDK_DIGEST
#   ROOTFS    Debian root file system with runc, CNI plugins, iptables, git … (read-only lower layer)
#   INSTANCE  folder of this engine: state/, registry/, run/ (socket), root/ (mount point)
#   BIN       folder with dagger-engine, dagger-init, dnsname
#   CONTENT   OCI layout with the builtin SDK
set -eu
rootfs=$1 instance=$2 bin=$3 content=$4
export DAGGER_PYTHON_SDK_MANIFEST_DIGEST="$5"

mount --make-rprivate /
root=$instance/root
# The writable layer lives in memory: nothing that the engine scribbles outlives it.
mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir "$root/upper" "$root/work" "$root/merged"
mount -t overlay overlay \
  -o "lowerdir=$rootfs,upperdir=$root/upper,workdir=$root/work" "$root/merged"
cd "$root/merged"

mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mkdir -p run/dagger run/lock var/lib/dagger var/lib/registry usr/local/bin usr/local/lib/pipelines \
  usr/local/share/dagger/content usr/local/share/ca-certificates opt/cni/bin
mount --bind "$instance/run" run/dagger
mount --bind "$instance/state" var/lib/dagger
mount --bind "$instance/registry" var/lib/registry
mount --bind "$content" usr/local/share/dagger/content
mount --bind "$(dirname "$0")" usr/local/lib/pipelines
# The engine and its containers trust what this machine trusts: company CAs, inspecting proxies.
if [ -d /usr/local/share/ca-certificates ]; then
  mount --bind /usr/local/share/ca-certificates usr/local/share/ca-certificates
fi
if [ -d /etc/ssl/certs ]; then
  mount --bind /etc/ssl/certs etc/ssl/certs
fi
# Where the engine looks for its parts, as opposed to where Debian puts them.
cp "$bin/dagger-init" "$bin/dagger-engine" usr/local/bin/
ln -sf /usr/sbin/runc usr/local/bin/runc
ln -sf /usr/sbin/xtables-legacy-multi /usr/sbin/xtables-nft-multi usr/bin/
for plugin in usr/lib/cni/*; do ln -s "/$plugin" opt/cni/bin/; done
cp "$bin/dnsname" opt/cni/bin/dnsname
mkdir -p etc/dagger
cp "$instance/engine.json" etc/dagger/engine.json
cp "$instance/registry.yml" etc/registry.yml
# 10.0.2.3 is the user-mode network's resolver; it asks the host's own.
rm -f etc/resolv.conf
echo "nameserver 10.0.2.3" > etc/resolv.conf
hostname dagger-engine

mkdir .host
pivot_root . .host
exec chroot . /bin/bash /usr/local/lib/pipelines/init.sh
