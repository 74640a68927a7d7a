import type { ConnectionOptions } from 'node:tls';

import { ConfigurationError } from '../errors/index.js';
import { assertInteger, assertKnownOptions, assertOneOf, assertText } from '../validation/index.js';

/** How long a connection may take to be made, in ms. */
export const CONNECT_TIMEOUT_MS = 2_000;

/** Where one Redis process listens. */
export interface RedisAddress {
  readonly host: string;
  /** Default 6379, of a Sentinel 26379. */
  readonly port?: number;
}

/** How to reach Redis: exactly one of `url`, `sentinel` and `cluster`. */
export interface RedisConnectionOptions {
  /** One server: `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  readonly url?: string;
  /** A primary and its replicas, watched by Sentinels. */
  readonly sentinel?: { readonly name: string; readonly nodes: readonly RedisAddress[] };
  /** A cluster; some of its nodes are enough. */
  readonly cluster?: { readonly nodes: readonly RedisAddress[] };
  readonly username?: string;
  readonly password?: string;
  /** TLS to servers of a Sentinel set or a cluster, and what to check of their certificates; default none. */
  readonly tls?: ConnectionOptions;
  /** Which client to use; default `redis`, and `ioredis` where only that is installed. */
  readonly library?: 'redis' | 'ioredis';
}

/** The names of {@link RedisConnectionOptions}. */
export const CONNECTION_OPTION_NAMES = ['url', 'sentinel', 'cluster', 'username', 'password', 'tls', 'library'] as const;

/** @throws ConfigurationError naming the option and the cure */
export function assertConnectionOptions(where: string, options: RedisConnectionOptions): void {
  const { url, sentinel, cluster, library } = options;
  if ([url, sentinel, cluster].filter((way) => way !== undefined).length !== 1) {
    throw new ConfigurationError(`${where}: give exactly one of \`url\`, \`sentinel\` and \`cluster\`, or a client of your own`);
  }
  if (library !== undefined) assertOneOf(where, 'library', library, ['redis', 'ioredis']);
  if (url !== undefined) assertUrl(where, url);
  if (sentinel !== undefined) {
    assertKnownOptions(`${where} \`sentinel\``, sentinel, ['name', 'nodes']);
    assertText(`${where} \`sentinel\``, 'name', sentinel.name);
    assertNodes(`${where} \`sentinel\``, sentinel.nodes);
  }
  if (cluster !== undefined) {
    assertKnownOptions(`${where} \`cluster\``, cluster, ['nodes']);
    assertNodes(`${where} \`cluster\``, cluster.nodes);
  }
}

function assertUrl(where: string, url: unknown): void {
  // The URL may hold a password: it is not shown.
  if (typeof url !== 'string' || !URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol)) {
    throw new ConfigurationError(`${where}: \`url\` is no URL of Redis; write redis://host:6379, or rediss:// for TLS`);
  }
}

function assertNodes(where: string, nodes: unknown): void {
  if (!Array.isArray(nodes) || nodes.length === 0) {
    throw new ConfigurationError(`${where}: \`nodes\` must list at least one { host, port }`);
  }
  nodes.forEach((node: unknown, index) => {
    const here = `${where} \`nodes[${index}]\``;
    assertKnownOptions(here, node, ['host', 'port']);
    const { host, port } = node as Partial<RedisAddress>;
    assertText(here, 'host', host);
    if (port !== undefined) assertInteger(here, 'port', port, { min: 1, max: 65_535 });
  });
}
