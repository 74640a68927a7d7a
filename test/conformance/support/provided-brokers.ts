import type { BrokerConfiguration } from './broker-configurations.js';

/** A real broker as the global setup hands it to the workers: plain data. */
export interface ProvidedBroker {
  /** The ActiveMQ it is, such as `5.17.2`. */
  readonly version: string;
  /** What to ask the cluster tool for to get the same; undefined for the one this machine has. */
  readonly requested?: string;
  /** STOMP ports on 127.0.0.1. */
  readonly ports: Readonly<Record<BrokerConfiguration, number>>;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Every real broker of this run. */
    conformanceBrokers: readonly ProvidedBroker[];
  }
}
