import { randomInt } from 'node:crypto';
import { ClusterError } from '../errors.js';
import { clientAddress, namespacePrefix } from './addresses.js';
import { lastLine, runProgram } from './run-program.js';

/** A member of a cluster and the address it gets. */
export interface NamespaceMember {
  readonly name: string;
  readonly host: string;
}

/**
 * Makes a namespace for each member, one more that routes between them, and a cable from each to the router; the clients' cable ends in this
 * machine's own namespace. All addresses are loopback addresses (127.x.y.z): nothing that is sent to them can ever leave the machine, also
 * when the namespaces are gone. `route_localnet` lets them pass our cables, and no other.
 * The watchdog moves `pids` away before it removes namespaces: what is made after that is removed here.
 */
const MAKE = String.raw`
folder=$1; prefix=$2; subnet=$3; client=$4; shift 4
router="$prefix"router; gateway=$subnet.254
tidy() {
  for file in /var/run/netns/"$prefix"*; do [ -e "$file" ] && ip netns del "$(basename "$file")"; done
}
trap '[ -d "$folder/pids" ] || tidy' EXIT
inside() { nsenter --net=/var/run/netns/"$1" sh -ec "$2"; }
here() { sh -ec "$1"; }
cable() { # to the router's namespace, from: end, address, and how to run something there
  inside "$router" "echo 1 >/proc/sys/net/ipv4/conf/$1/route_localnet
    ip addr add $gateway/32 dev $1; ip link set $1 up; ip route add $3/32 dev $1 src $gateway"
  shift
  end=$1; address=$2; shift 2
  "$@" "echo 1 >/proc/sys/net/ipv4/conf/$end/route_localnet
    ip addr add $address/32 dev $end; ip link set $end up
    ip route add table local unicast $gateway/32 dev $end src $address
    ip route add table local unicast $subnet.0/24 via $gateway dev $end src $address"
}
[ -d "$folder/pids" ]
ip netns add "$router"
inside "$router" 'echo 1 >/proc/sys/net/ipv4/ip_forward'
end=$(echo "$prefix" | tr -d -)
ip link add "$end" type veth peer name clients netns "$router"
cable clients "$end" "$client" here
while [ $# -gt 0 ]; do
  [ -d "$folder/pids" ]
  ip netns add "$prefix$1"
  ip -n "$router" link add "$1" type veth peer name cable netns "$prefix$1"
  inside "$prefix$1" 'ip addr add 127.0.0.1/32 dev lo; ip link set lo up'
  cable "$1" cable "$2" inside "$prefix$1"
  shift 2
done
[ -d "$folder/pids" ]
`;

const CURE =
  'to cut nodes off the network takes Linux, root (CAP_NET_ADMIN and CAP_SYS_ADMIN), ip (Debian, Ubuntu: apt-get install iproute2) and nsenter; ' +
  "without them start the cluster as it is, not partitionable, and use 'pause': a paused node is as silent, but keeps its connections and its lock";

/** A subnet of loopback addresses for a new cluster, such as `127.77.3`, that no other cluster has. */
export async function chooseSubnet(): Promise<string> {
  const { code, stdout, stderr } = await runProgram('ip', ['route', 'show', 'table', 'local']);
  if (code !== 0) {
    throw cannot(stderr);
  }
  for (;;) {
    const subnet = `127.${randomInt(64, 128)}.${randomInt(1, 255)}`;
    if (!stdout.includes(`${subnet}.`)) {
      return subnet;
    }
  }
}

/** Gives each member a network namespace of its own. Throws a ClusterError `NO_NAMESPACES` that says why that cannot be done here, and what to do instead. */
export async function createNamespaces(folder: string, subnet: string, members: readonly NamespaceMember[]): Promise<void> {
  const script = [MAKE, 'activemq-cluster-namespaces', folder, namespacePrefix(folder), subnet, clientAddress(subnet)];
  const { code, stderr } = await runProgram('sh', ['-ec', ...script, ...members.flatMap(({ name, host }) => [name, host])]);
  if (code !== 0) {
    await removeNamespaces(folder);
    throw cannot(stderr);
  }
}

/** Removes a cluster's namespaces with all their cables and rules; its processes have to be gone. Fine when there are none. */
export async function removeNamespaces(folder: string): Promise<void> {
  const { stdout } = await runProgram('ip', ['netns', 'list']);
  const names = stdout.split('\n').map((line) => line.split(' ', 1)[0] ?? '');
  for (const name of names.filter((found) => found.startsWith(namespacePrefix(folder)))) {
    const { code, stderr } = await runProgram('ip', ['netns', 'del', name]);
    if (code !== 0 && !stderr.includes('No such file')) {
      throw new ClusterError(
        'WRONG_STATE',
        `a network namespace could not be removed (${lastLine(stderr)}); as root: ip netns del ${name}`,
      );
    }
  }
}

function cannot(stderr: string): ClusterError {
  return new ClusterError('NO_NAMESPACES', `the nodes cannot get network namespaces of their own (${lastLine(stderr)}): ${CURE}`);
}
