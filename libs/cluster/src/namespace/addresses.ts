import { basename } from 'node:path';

/** Where a node listens unless it has a namespace of its own. */
export const LOOPBACK = '127.0.0.1';

/** Who is meant, in `partition`, by everything outside the cluster's namespaces: this machine with all its programs. */
export const CLIENTS = 'clients';

/** The first node's last number; below are the clients, above 200 the router. */
const FIRST_NODE = 11;

/** The address clients come from: they are in the machine's own namespace. */
export function clientAddress(subnet: string): string {
  return `${subnet}.1`;
}

/** The address of the cluster's `index`-th member, brokers first. */
export function nodeAddress(subnet: string, index: number): string {
  return `${subnet}.${FIRST_NODE + index}`;
}

/** What the names of a cluster's namespaces have in common: the cluster's folder tells it. */
export function namespacePrefix(folder: string): string {
  return `amq-${basename(folder).slice(-12)}-`;
}

/** The namespace of a node. */
export function namespaceOf(folder: string, node: string): string {
  return namespacePrefix(folder) + node;
}

/** The namespace all the others are connected through; no process runs in it. */
export function routerNamespace(folder: string): string {
  return `${namespacePrefix(folder)}router`;
}
