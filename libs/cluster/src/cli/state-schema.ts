import { isAbsolute } from 'node:path';
import type { ClusterDescription, NodeDescription } from '../cluster-description.js';
import type { NodePorts } from '../config/broker-options.js';
import type { BrokerDistribution, DistributionSource } from '../provision/distribution.js';
import type { ServiceDescription } from '../service/service-description.js';
import { TOPOLOGIES } from '../topologies.js';

const SOURCES: readonly DistributionSource[] = ['ACTIVEMQ_HOME', 'maven', 'debian', 'docker'];
const NODE_NAME = /^broker[1-9]$/;

/** Reads a state file's text as a description; throws an Error that names the first field that cannot be what this tool wrote. */
export function parseDescription(text: string): ClusterDescription {
  const root = record(JSON.parse(text), 'the file');
  const nodes = list(root['nodes'], 'nodes').map(node);
  if (nodes.length === 0 || nodes.length > 9 || new Set(nodes.map(({ name }) => name)).size !== nodes.length) {
    throw new Error('nodes must be 1 to 9, each with a name of its own');
  }
  return {
    topology: oneOf(root['topology'], TOPOLOGIES, 'topology'),
    // Whether it is a cluster's folder is asked again before anything is removed.
    folder: path(root['folder'], 'folder'),
    marker: matching(root['marker'], /^[0-9a-f]{32}$/, 'marker'),
    distribution: distribution(root['distribution']),
    jvmOptions: list(root['jvmOptions'], 'jvmOptions').map((option) => matching(option, /^-[^\0]*$/, 'jvmOptions')),
    startTimeout: integer(root['startTimeout'], 1, 3_600_000, 'startTimeout'),
    nodes,
    services: list(root['services'], 'services').map(service),
    ...(root['subnet'] !== undefined && { subnet: matching(root['subnet'], /^127(\.\d{1,3}){2}$/, 'subnet') }),
  };
}

function node(value: unknown): NodeDescription {
  const fields = record(value, 'nodes');
  const ports = Object.entries(record(fields['ports'], 'ports')).map(
    ([name, port]) => [name, integer(port, 1024, 65_535, `ports.${name}`)] as const,
  );
  const { stomp, openwire, ...others }: Partial<NodePorts> = Object.fromEntries(ports);
  if (stomp === undefined || openwire === undefined) {
    throw new Error('ports must have stomp and openwire');
  }
  return { name: matching(fields['name'], NODE_NAME, 'node name'), ...host(fields), ports: { ...others, stomp, openwire } };
}

function service(value: unknown): ServiceDescription {
  const fields = record(value, 'services');
  const ports = record(fields['ports'], 'ports');
  const port = (name: string): number => integer(ports[name], 1024, 65_535, `ports.${name}`);
  const kind = oneOf(fields['kind'], ['database', 'zookeeper'] as const, 'kind');
  if (kind === 'zookeeper') {
    const name = matching(fields['name'], /^zookeeper[1-9]$/, 'service name');
    const own = { client: port('client'), quorum: port('quorum'), election: port('election') };
    return { kind, name, ...host(fields), ports: own, classPath: string(fields['classPath'], 'classPath') };
  }
  const user = fields['user'] === undefined ? {} : { user: matching(fields['user'], /^[a-z_][a-z0-9_-]{0,31}$/, 'user') };
  const name = matching(fields['name'], /^database$/, 'service name');
  return {
    kind,
    name,
    ...host(fields),
    ports: { postgresql: port('postgresql') },
    programs: path(fields['programs'], 'programs'),
    ...user,
  };
}

/** Loopback addresses only. */
function host(fields: Readonly<Record<string, unknown>>): { readonly host?: string } {
  return fields['host'] === undefined ? {} : { host: matching(fields['host'], /^127(\.\d{1,3}){3}$/, 'host') };
}

function distribution(value: unknown): BrokerDistribution {
  const fields = record(value, 'distribution');
  const java = string(fields['java'], 'java');
  return {
    ...(fields['product'] !== undefined && { product: oneOf(fields['product'], ['artemis'] as const, 'product') }),
    version: matching(fields['version'], /^\d[\w.-]{0,40}$/, 'version'),
    source: oneOf(fields['source'], SOURCES, 'source'),
    home: path(fields['home'], 'home'),
    java: java === 'java' ? java : path(java, 'java'),
    classPath: string(fields['classPath'], 'classPath'),
  };
}

function record(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${name} must be an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`${name} must be a list`);
  }
  return value;
}

function string(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw new Error(`${name} must be a text`);
  }
  return value;
}

function matching(value: unknown, pattern: RegExp, name: string): string {
  const found = string(value, name);
  if (!pattern.test(found)) {
    throw new Error(`${name} must match ${pattern.source}`);
  }
  return found;
}

function path(value: unknown, name: string): string {
  const found = string(value, name);
  if (!isAbsolute(found) || found.split('/').includes('..')) {
    throw new Error(`${name} must be an absolute path`);
  }
  return found;
}

function integer(value: unknown, least: number, most: number, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new Error(`${name} must be a whole number from ${least} to ${most}`);
  }
  return value;
}

function oneOf<Known extends string>(value: unknown, known: readonly Known[], name: string): Known {
  const found = known.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new Error(`${name} must be one of ${known.join(', ')}`);
  }
  return found;
}
