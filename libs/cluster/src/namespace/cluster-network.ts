import type { ClusterDescription } from '../cluster-description.js';
import { ClusterError } from '../errors.js';
import { CLIENTS, clientAddress, LOOPBACK } from './addresses.js';
import { type Cut, cut, cutOf, mend, readCuts } from './cuts.js';
import { removeNamespaces } from './namespaces.js';

/** What the network of a cluster drops at one moment. */
export interface ClusterCuts {
  /** `cutFrom` for a node's status; without it when nothing is dropped. */
  of(name: string): { readonly cutFrom?: readonly string[] };
}

/** The network between the nodes of a cluster, and how to break it. */
export class ClusterNetwork {
  constructor(private readonly cluster: ClusterDescription) {}

  /** Drops all packets of a node, or those between it and others. Throws a ClusterError that names what is not a node, or says how to start the cluster. */
  async partition(name: string, from?: readonly string[]): Promise<void> {
    const subnet = this.requireSubnet();
    const address = this.addressOf(name);
    if (from === undefined) {
      await cut(this.cluster.folder, cutOf(address));
      return;
    }
    for (const other of from) {
      const far = other === CLIENTS ? clientAddress(subnet) : this.addressOf(other);
      if (far === address) {
        throw new ClusterError('BAD_OPTION', `${name} cannot be cut off from itself; name other nodes, or ${CLIENTS}`);
      }
      await cut(this.cluster.folder, cutOf(address, far));
    }
  }

  /** Ends what `partition` did to a node, or to all. */
  async heal(name?: string): Promise<void> {
    this.requireSubnet();
    const address = name === undefined ? undefined : this.addressOf(name);
    for (const found of await readCuts(this.cluster.folder)) {
      if (address === undefined || found.from === address || found.to === address) {
        await mend(this.cluster.folder, found);
      }
    }
  }

  /** Looks at what is dropped now. */
  async cuts(): Promise<ClusterCuts> {
    const { subnet, folder } = this.cluster;
    const found = subnet === undefined ? [] : await readCuts(folder);
    return {
      of: (name) => {
        const cutFrom = this.cutFrom(this.addressOf(name), found);
        return cutFrom.length === 0 ? {} : { cutFrom };
      },
    };
  }

  /** Removes the namespaces; every process in them has to be gone. */
  async remove(): Promise<void> {
    if (this.cluster.subnet !== undefined) {
      await removeNamespaces(this.cluster.folder);
    }
  }

  private cutFrom(address: string, cuts: readonly Cut[]): string[] {
    return cuts.flatMap(({ from, to }) => {
      if (to === undefined) {
        return from === address ? ['everything'] : [];
      }
      const other = from === address ? to : to === address ? from : undefined;
      return other === undefined ? [] : [this.members().find(({ host }) => host === other)?.name ?? CLIENTS];
    });
  }

  private members(): readonly { readonly name: string; readonly host?: string }[] {
    return [...this.cluster.nodes, ...this.cluster.services];
  }

  private addressOf(name: string): string {
    const member = this.members().find((known) => known.name === name);
    if (!member) {
      const names = [...this.members().map((known) => known.name), CLIENTS].join(', ');
      throw new ClusterError('UNKNOWN_NODE', `there is no node '${name}'; there are ${names}`);
    }
    return member.host ?? LOOPBACK;
  }

  private requireSubnet(): string {
    if (this.cluster.subnet === undefined) {
      throw new ClusterError(
        'WRONG_STATE',
        "this cluster's nodes are all on 127.0.0.1 and cannot be cut off from each other; start it with --partitionable (partitionable: true), " +
          "or use 'pause', which silences a node",
      );
    }
    return this.cluster.subnet;
  }
}
