#!/bin/bash
# Second half of the embedded engine's start: PID 1 inside the private root. Gives the engine a
# network of its own, starts registry and engine in it, and takes everything down with the engine.
set -u
umount --lazy /.host && rmdir /.host

# A network namespace with a user-mode uplink: bridges, iptables rules and forwarding settings of
# the engine stay in there, and the host needs none.
mkfifo /run/uplink
# shellcheck disable=SC2016  # expanded by the inner shell
unshare --net bash -c '
  ip link set lo up
  read -r _ < /run/uplink
  docker-registry serve /etc/registry.yml >> /run/dagger/registry.log 2>&1 &
  exec dagger-engine --root /var/lib/dagger --addr unix:///run/dagger/engine.sock \
    --network-name dagger --network-cidr 10.87.0.0/16 --oci-cni-pool-size 4
' &
engine=$!
host_net=$(readlink /proc/self/ns/net)
until [ "$(readlink "/proc/$engine/ns/net")" != "$host_net" ]; do
  kill -0 "$engine" || exit 1
  read -r -t 0.01 _ <> <(:) || true
done
# The host's loopback stays out of reach of build containers.
slirp4netns --configure --mtu=65520 --disable-host-loopback --ready-fd=3 "$engine" uplink0 \
  3> /run/uplink 2>> /run/dagger/network.log &
network=$!

trap 'kill -TERM "$engine"' TERM INT
wait "$engine"
status=$?
# A trapped signal ends the first wait early; the engine then still has to close its databases.
while kill -0 "$engine" 2> /dev/null; do wait "$engine"; status=$?; done
kill "$network" 2> /dev/null
exit "$status"
