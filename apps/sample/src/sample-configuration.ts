import { DEFAULT_ORDERS_QUEUE } from './orders/orders.constants.js';

/** What the sample is told from outside. */
export interface SampleConfiguration {
  /** `ACTIVEMQ_BROKER_URL`; default `vm://localhost`, a broker inside the application. */
  readonly brokerUrl: string;
  /** `PORT`; default 3000, 0 for a free one. */
  readonly port: number;
  /** `ORDERS_QUEUE`; default `sample.orders`. */
  readonly ordersQueue: string;
}

/** A variable that says nothing useful; the message names it and what it may be. */
export class SampleConfigurationError extends Error {
  override readonly name = 'SampleConfigurationError';
}

/**
 * Reads the environment.
 *
 * @throws SampleConfigurationError for a `PORT` that is none
 */
export function readConfiguration(variables: Readonly<Record<string, string | undefined>>): SampleConfiguration {
  // An empty variable counts as not set, as in shells' ${PORT:-3000}.
  const port = variables['PORT'] || '3000';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new SampleConfigurationError(`PORT is ${JSON.stringify(port)}; it must be a number from 0 (a free port) to 65535`);
  }
  return {
    brokerUrl: variables['ACTIVEMQ_BROKER_URL'] || 'vm://localhost',
    port: Number(port),
    ordersQueue: variables['ORDERS_QUEUE'] || DEFAULT_ORDERS_QUEUE,
  };
}
