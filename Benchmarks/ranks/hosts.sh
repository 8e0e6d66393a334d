#!/usr/bin/env bash
# Runs a command on two hosts that are network namespaces of this machine, joined by a link of limited bandwidth, and
# latency where the kernel has netem. As root; needs iproute2 and Open MPI.
#
#   hosts.sh RATE DELAY RANKS_PER_HOST COMMAND...          such as: hosts.sh 1gbit 100us 1 descent train ...
set -euo pipefail
if [ "${1:-}" = --agent ]; then
    # As mpirun's remote shell: --agent HOST COMMAND...
    host=$2
    shift 2
    exec ip netns exec "descent${host##*.}" unshare --uts bash -c "hostname host${host##*.}; $*"
fi
rate=$1 delay=$2 ranks=$3
shift 3
self=$(readlink -f "$0")

clear_away() { for host in 1 2; do ip netns del "descent$host" 2>/dev/null || true; done; }
trap clear_away EXIT
clear_away
for host in 1 2; do ip netns add "descent$host"; done
ip link add descent_a netns descent1 type veth peer name descent_b netns descent2
for end in "1 descent_a" "2 descent_b"; do
    read -r host link <<<"$end"
    inside() { ip netns exec "descent$host" "$@"; }
    inside ip addr add "10.77.0.$host/24" dev "$link"
    inside ip link set "$link" up
    inside ip link set lo up
    inside tc qdisc add dev "$link" root netem delay "$delay" rate "$rate" 2>/dev/null || {
        echo "this kernel has no netem: bandwidth is limited, latency is not" >&2
        inside tc qdisc add dev "$link" root tbf rate "$rate" burst 256kb latency 100ms
    }
done
# Open MPI asks for leave before it sends a long message, and the answer goes through the same connection as what is sent the
# other way: behind megabytes of it, where the kernel may keep so many.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
ip netns exec descent1 unshare --uts bash -c 'hostname host1; exec "$@"' - mpirun \
    --mca plm_rsh_agent "$self --agent" --mca pml ob1 --mca btl tcp,self --mca btl_tcp_if_include 10.77.0.0/24 \
    --mca oob_tcp_if_include 10.77.0.0/24 --mca btl_tcp_flags 1 --mca btl_tcp_sndbuf 131072 --mca btl_tcp_rcvbuf 262144 --mca mpi_yield_when_idle 1 --bind-to none \
    --host "10.77.0.1:$ranks,10.77.0.2:$ranks" -np $((2 * ranks)) "$@"
