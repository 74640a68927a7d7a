import { isIPv6 } from 'node:net';
import { ConfigurationError } from '../errors/index.js';
import { readBrokerUriOptions, type BrokerUriOptions } from './broker-uri-options.js';
import { decode, nearest, parseQuery, type UriQuery } from './broker-uri-query.js';

/** The schemes of a broker URI; `tcp` speaks STOMP like `stomp`, `ssl` like `stomp+ssl`. */
export const BROKER_URI_SCHEMES = ['stomp', 'stomp+nio', 'stomp+ssl', 'stomp+nio+ssl', 'ssl', 'tcp', 'vm'] as const;

/** One of {@link BROKER_URI_SCHEMES}. */
type BrokerUriScheme = (typeof BROKER_URI_SCHEMES)[number];

/** The port of a STOMP connector when the URI has none: ActiveMQ's `activemq.xml`. */
const DEFAULT_STOMP_PORT = 61613;

/** The port of a `stomp+ssl` connector when the URI has none: the one of ActiveMQ's documentation; its shipped configuration has none. */
const DEFAULT_STOMP_SSL_PORT = 61612;

/** The address of one broker. Credentials are readable, but never shown by `toString()`, JSON or `console.log`. */
export interface BrokerUri {
  readonly scheme: BrokerUriScheme;
  /** Whether the connection is TLS. */
  readonly secure: boolean;
  /** Host name or IP address, IPv6 without brackets; the name of the embedded broker for `vm`. */
  readonly host: string;
  /** 1 to 65535; 0 for `vm`. */
  readonly port: number;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly options: BrokerUriOptions;
  /** `scheme://host:port`: never userinfo, never options. */
  toString(): string;
}

class ParsedBrokerUri implements BrokerUri {
  readonly #user: string | undefined;
  readonly #password: string | undefined;

  constructor(
    readonly scheme: BrokerUriScheme,
    readonly secure: boolean,
    readonly host: string,
    readonly port: number,
    readonly options: BrokerUriOptions,
    user: string | undefined,
    password: string | undefined,
  ) {
    this.#user = user;
    this.#password = password;
  }

  get user(): string | undefined {
    return this.#user;
  }

  get password(): string | undefined {
    return this.#password;
  }

  toString(): string {
    return address(this.scheme, this.host, this.port);
  }

  toJSON(): string {
    return this.toString();
  }
}

/**
 * Parses the URI of one broker: `scheme://[user[:password]@]host[:port][?name=value&...]`, userinfo percent-encoded.
 *
 * The port is 61613 when it is not given, 61612 with TLS. `vm://name` names an embedded broker.
 *
 * @throws ConfigurationError that says what is wrong; it never quotes text that may be a credential
 */
export function parseBrokerUri(text: string): BrokerUri {
  return parseBrokerUriOf(text, 'The broker URI');
}

/** {@link parseBrokerUri} for a member of a list: `where` names it in errors, `nested` parameters win over its own, as in ActiveMQ. */
export function parseBrokerUriOf(text: string, where: string, nested: UriQuery = new Map()): BrokerUri {
  const parts = checkForm(text, where);
  const scheme = readScheme(parts[1] ?? '', where);
  const [authority = '', path = '', query = '', fragment = ''] = parts.slice(2);
  if ((path + query + fragment).includes('@')) {
    throw new ConfigurationError(
      `${where} has an "@" behind the host: percent-encode what is special in user and password (/ is %2F, ? is %3F, # is %23, @ is %40)`,
    );
  }
  if (authority.includes(',')) {
    throw new ConfigurationError(
      `${where} has a "," before its end; write several brokers as failover:(uri,uri), and %2C for a "," in user or password`,
    );
  }
  if ((path !== '' && path !== '/') || fragment !== '') {
    throw new ConfigurationError(`${where} has text behind host and port; only a query, ?name=value, may follow`);
  }
  const at = authority.lastIndexOf('@');
  const [user, password] = at < 0 ? [] : readUserinfo(authority.slice(0, at), where);
  const secure = scheme === 'ssl' || scheme.endsWith('+ssl');
  const [host, port] = readHostAndPort(authority.slice(at + 1), scheme, secure, where);
  const shown = `${where} ${address(scheme, host, port)}`;
  const parameters = new Map([...parseQuery(query, shown), ...nested]);
  const options = readBrokerUriOptions(parameters, scheme === 'vm' ? 'vm' : secure ? 'tls' : 'plain', shown);
  return new ParsedBrokerUri(scheme, secure, host, port, options, user, password);
}

/**
 * Takes `scheme://authority/path?query#fragment` apart.
 *
 * @throws ConfigurationError for a text of another form; it is not quoted
 */
export function checkForm(text: string, where: string): RegExpExecArray {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?$/is.exec(text.trim());
  if (parts !== null) return parts;
  throw new ConfigurationError(`${where} is not of the form scheme://host:port; the schemes are ${BROKER_URI_SCHEMES.join(', ')}`);
}

/** Whether two URIs lead to the same broker: the same host and port, or the same embedded broker; ActiveMQ compares so. */
export function isSameBroker(a: BrokerUri, b: BrokerUri): boolean {
  return a.port === b.port && a.host.toLowerCase() === b.host.toLowerCase() && (a.scheme === 'vm') === (b.scheme === 'vm');
}

const OTHER_PROTOCOLS = [
  'http',
  'https',
  'ws',
  'wss',
  'amqp',
  'amqps',
  'amqp+ssl',
  'mqtt',
  'mqtts',
  'nio',
  'nio+ssl',
  'auto',
  'auto+ssl',
  'udp',
  'rabbitmq',
  'kafka',
  'redis',
];
const OTHER_LISTS = ['failover', 'static', 'discovery', 'fanout', 'masterslave', 'multicast', 'peer', 'mock', 'reliable'];

function readScheme(text: string, where: string): BrokerUriScheme {
  const scheme = text.toLowerCase();
  const known = BROKER_URI_SCHEMES.find((name) => name === scheme);
  if (known !== undefined) return known;
  const near = /tls|stomps/.test(scheme) ? 'stomp+ssl' : nearest(scheme, BROKER_URI_SCHEMES);
  let problem = 'has an unknown scheme';
  if (OTHER_LISTS.includes(scheme)) problem = `has the scheme "${scheme}", which is no address of one broker`;
  else if (OTHER_PROTOCOLS.includes(scheme)) problem = `has the scheme "${scheme}", which is not spoken here: this is a STOMP client`;
  else if (near !== undefined) problem += `, did you mean "${near}"?`;
  throw new ConfigurationError(`${where} ${problem}; the schemes are ${BROKER_URI_SCHEMES.join(', ')}`);
}

function readUserinfo(text: string, where: string): [user: string, password: string | undefined] {
  if (text.includes('@'))
    throw new ConfigurationError(`${where} has more than one "@" before the host; write %40 for an "@" in user or password`);
  const colon = text.indexOf(':');
  const user = decode(colon < 0 ? text : text.slice(0, colon), `${where} (its user)`);
  if (user === '') throw new ConfigurationError(`${where} has an "@" but no user before it; write user:password@host or leave the "@" out`);
  return [user, colon < 0 ? undefined : decode(text.slice(colon + 1), `${where} (its password)`)];
}

function readHostAndPort(text: string, scheme: BrokerUriScheme, secure: boolean, where: string): [host: string, port: number] {
  const parts = /^(?:\[([^\]]*)\]|([\w.-]+))(?::(.*))?$/.exec(text);
  if (parts === null) {
    throw new ConfigurationError(
      `${where} has no valid host; write a name of letters, digits, "." and "-", an IPv4 address, or an IPv6 address in brackets: [::1]`,
    );
  }
  const [, bracketed, name, digits] = parts;
  const host = bracketed === undefined ? (name ?? '') : decode(bracketed, where);
  if (bracketed !== undefined && !isIPv6(host)) throw new ConfigurationError(`${where} has brackets around what is no IPv6 address`);
  if (scheme === 'vm') {
    if (digits !== undefined) throw new ConfigurationError(`${where} has a port; a vm:// URI is vm://name`);
    return [host, 0];
  }
  if (digits === undefined) return [host, secure ? DEFAULT_STOMP_SSL_PORT : DEFAULT_STOMP_PORT];
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  // The text is not quoted: in user:password without @host it is the password.
  if (port < 1 || port > 65_535) throw new ConfigurationError(`${where} has a port that is no number from 1 to 65535`);
  return [host, port];
}

function address(scheme: BrokerUriScheme, host: string, port: number): string {
  if (scheme === 'vm') return `vm://${host}`;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
