import { afterEach, beforeEach, vi } from 'vitest';
import { ConnectError } from '../errors/index.js';
import type { BrokerUri } from './broker-uri.js';
import { FailoverConnector, type FailoverConnectorOptions } from './failover-connector.js';
import { parseBrokerUrl } from './failover-uri.js';

/** What a broker on the bench does with an attempt: open, refuse, or stay silent until the signal aborts. */
export type Behaviour = 'open' | 'silent' | Error;

/** A {@link FailoverConnector} on fake timers, with brokers that do as they are told; names are hosts. */
export class FailoverBench {
  /** Every attempt: host, and ms since the bench was made. */
  readonly attempts: { host: string; at: number }[] = [];
  /** Every log line, with its level in front. */
  readonly lines: string[] = [];
  readonly discarded: string[] = [];
  readonly brokers = new Map<string, Behaviour>();
  readonly connector: FailoverConnector<string>;
  readonly #start = performance.now();

  constructor(url: string, options: Partial<FailoverConnectorOptions<string>> = {}) {
    this.connector = new FailoverConnector<string>({
      uri: parseBrokerUrl(url),
      open: (uri, signal) => this.#open(uri, signal),
      random: () => 0.5,
      logger: {
        debug: (line) => void this.lines.push(`debug ${line}`),
        log: (line) => void this.lines.push(`log ${line}`),
        warn: (line) => void this.lines.push(`warn ${line}`),
      },
      discard: (session) => void this.discarded.push(session),
      ...options,
    });
  }

  /** The hosts in the order they were tried. */
  get hosts(): string {
    return this.attempts.map(({ host }) => host).join(' ');
  }

  /** When the rounds of a list of one began, in ms. */
  get times(): number[] {
    return this.attempts.map(({ at }) => Math.round(at));
  }

  warnings(): string[] {
    return this.lines.filter((line) => line.startsWith('warn '));
  }

  async #open(uri: BrokerUri, signal: AbortSignal): Promise<string> {
    this.attempts.push({ host: uri.host, at: performance.now() - this.#start });
    const behaviour = this.brokers.get(uri.host) ?? new ConnectError(`connect ECONNREFUSED ${uri.host}`);
    if (behaviour === 'open') return `session with ${uri.host}`;
    if (behaviour !== 'silent') throw behaviour;
    return new Promise<string>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }
}

/** Gives every test of a file a fake clock, and fails the test that leaves a timer behind. */
export function useFakeClock(): void {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    const left = vi.getTimerCount();
    vi.useRealTimers();
    if (left > 0) throw new Error(`${left} timer(s) were left behind`);
  });
}

/** Lets everything happen that is due within `ms` on the fake clock. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('was not rejected');
}
