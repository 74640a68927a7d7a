import type { StoreConfiguration } from './store-options.js';
import type { XmlAttribute } from './xml.js';

/** Where the broker puts what it gives up on; attribute names are ActiveMQ's (`queuePrefix`, `processNonPersistent`, `enableAudit` ...). */
export interface DeadLetterStrategyOptions {
  readonly kind: 'shared' | 'individual' | 'discarding';
  /** The dead letter queue of kind `shared`; default `ActiveMQ.DLQ`. */
  readonly queue?: string;
  readonly attributes?: Readonly<Record<string, XmlAttribute>>;
}

/** One `<policyEntry>`: a queue or a topic pattern (`orders.>`), its attributes in ActiveMQ's names, its dead letter strategy. */
export interface PolicyEntryOptions {
  readonly queue?: string;
  readonly topic?: string;
  /** Such as `persistJMSRedelivered`, `prioritizedMessages`, `memoryLimit`, `expireMessagesPeriod` (ms). */
  readonly attributes?: Readonly<Record<string, XmlAttribute>>;
  readonly deadLetterStrategy?: DeadLetterStrategyOptions;
  /** Further child elements, raw XML. */
  readonly children?: readonly string[];
  /** Stands before the entry as an XML comment. */
  readonly comment?: string;
}

/** A user of the simpleAuthenticationPlugin. */
export interface BrokerUser {
  readonly username: string;
  readonly password: string;
  /** Comma separated, for an authorizationPlugin; default `users`. */
  readonly groups?: string;
}

/** Limits as ActiveMQ writes them (`64kb`, `6mb`, `4gb`). */
export interface SystemUsageOptions {
  /** Default: 70 % of the JVM's heap. */
  readonly memory?: string;
  /** Default `4gb`. */
  readonly store?: string;
  /** Default `1gb`. */
  readonly temp?: string;
  readonly sendFailIfNoSpace?: boolean;
  /** ms after which a SEND into a full broker gets an ERROR. */
  readonly sendFailIfNoSpaceAfterTimeout?: number;
}

/** Key material for the TLS connectors; paths to key stores that exist. */
export interface BrokerSslOptions {
  readonly keyStore: string;
  readonly keyStorePassword: string;
  readonly trustStore?: string;
  readonly trustStorePassword?: string;
}

/** A connector beside `stomp` and `openwire`; it gets a free port of its own, under its name in `node.ports`. */
export interface ConnectorOptions {
  readonly name: string;
  readonly scheme: 'stomp' | 'stomp+nio' | 'stomp+ssl' | 'stomp+nio+ssl' | 'tcp' | 'nio' | 'ssl' | 'auto' | 'auto+nio' | 'auto+ssl';
  /** Query of the connector's URI, such as `needClientAuth`; `transport.tcpNoDelay=true` is always there unless set here. */
  readonly options?: Readonly<Record<string, XmlAttribute>>;
}

/** What kind of broker the configuration generator writes; every part is optional, the default is a stock broker. */
export interface BrokerOptions {
  /** Typed entries, or `<policyEntry .../>` as raw XML; the order is kept. */
  readonly policyEntries?: readonly (PolicyEntryOptions | string)[];
  /** Raw XML of further plugins, such as `<redeliveryPlugin ...>`; the statistics plugin is always there. */
  readonly plugins?: readonly string[];
  /** Raw XML inside `<destinationInterceptors>` (virtual topics, composite queues). */
  readonly destinationInterceptors?: readonly string[];
  /** Turns the simpleAuthenticationPlugin on; the first user is the one the start-up probe logs in with. */
  readonly users?: readonly BrokerUser[];
  /** With `users`: clients without a name may come in too; default false. */
  readonly anonymousAccessAllowed?: boolean;
  readonly systemUsage?: SystemUsageOptions;
  /** Query of the STOMP connector, such as `{ 'wireFormat.maxFrameSize': 1_048_576 }`. */
  readonly stompOptions?: Readonly<Record<string, XmlAttribute>>;
  /** Query of the OpenWire connector. */
  readonly openwireOptions?: Readonly<Record<string, XmlAttribute>>;
  readonly connectors?: readonly ConnectorOptions[];
  readonly ssl?: BrokerSslOptions;
  /** AMQ_SCHEDULED_* headers work; default true. */
  readonly scheduler?: boolean;
  /** False keeps messages in memory only; default true. */
  readonly persistent?: boolean;
  /**
   * In networks: a message that was forwarded for a consumer that has gone may go back to a broker with consumers, in place of lying where
   * nobody reads (`conditionalNetworkBridgeFilterFactory`, with `enableAudit="false"`). Written as a policy for all queues, unless
   * `policyEntries` has one of its own for `>`. Default true.
   */
  readonly replayWhenNoConsumers?: boolean;
  /**
   * ms a forwarded message stays at least before it goes back. Default 15 000, after which a silent bridge has been given up: a message that is
   * back while the broker it came from still waits to hear that it has arrived is a duplicate there, and dead-lettered.
   */
  readonly replayDelay?: number;
  /** Further attributes of the `<networkConnector>` element, in ActiveMQ's names, such as `conduitSubscriptions`; only in networks. */
  readonly networkAttributes?: Readonly<Record<string, XmlAttribute>>;
  /** Further attributes of the `<broker>` element, in ActiveMQ's names. */
  readonly brokerAttributes?: Readonly<Record<string, XmlAttribute>>;
}

/** Ports of one node on 127.0.0.1, by connector name; `stomp` and `openwire` are always there. */
export interface NodePorts {
  readonly stomp: number;
  readonly openwire: number;
  readonly [connector: string]: number;
}

/** What differs between the nodes of a cluster. */
export interface NodeConfiguration {
  /** Shared by the nodes that are master and slaves of each other: the scheduler's store is found by this name after a failover. */
  readonly brokerName: string;
  readonly nodeName: string;
  /** What the first comment says of the file; default that the cluster tool wrote it. */
  readonly origin?: string;
  /** Resolves `${...}` by Java system properties and environment variables; default false, everything is spelled out. */
  readonly placeholders?: boolean;
  /** Address the connectors listen on; default `127.0.0.1`. */
  readonly host?: string;
  readonly ports: NodePorts;
  readonly dataDirectory: string;
  readonly temporaryDirectory: string;
  /** ms between two tries of a slave to lock the store; undefined for a node that stands alone. */
  readonly lockAcquireSleepInterval?: number;
  /** Default: KahaDB in `<dataDirectory>/kahadb`. */
  readonly store?: StoreConfiguration;
  /** Default: none, the broker forwards nothing. */
  readonly network?: NetworkConfiguration;
}

/** How a broker finds the ones it forwards messages to. */
export interface NetworkConfiguration {
  /** Such as `static:(tcp://127.0.0.1:61617)`, `masterslave:(tcp://b,tcp://c)` or `multicast://default`. */
  readonly uri: string;
  /** Where the OpenWire connector announces itself, for multicast. */
  readonly discoveryUri?: string;
}
