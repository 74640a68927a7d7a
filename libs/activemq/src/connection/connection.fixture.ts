import { EventEmitter, once } from 'node:events';

import { afterEach } from 'vitest';

import type { FakeBroker } from '../stomp/fake-broker.fixture.js';
import { FailoverConnector } from '../stomp/failover-connector.js';
import { parseBrokerUrl } from '../stomp/failover-uri.js';
import type { StompSession } from '../stomp/stomp-session.js';
import type { ConnectionLogger, ConnectionSettings } from './connection-settings.js';
import { Link, type LinkObserver } from './link.js';
import { sessionOpener } from './session-opener.js';

/** Keeps every log line, with its level in front. */
export class RecordingLogger implements ConnectionLogger {
  readonly lines: string[] = [];
  readonly #written = new EventEmitter();

  debug(message: string): void {
    this.#add('debug', message);
  }
  log(message: string): void {
    this.#add('log', message);
  }
  warn(message: string): void {
    this.#add('warn', message);
  }
  error(message: string): void {
    this.#add('error', message);
  }

  /** Resolves when `count` lines with that text are written, after what follows from the last one at once. */
  async until(text: string, count = 1): Promise<void> {
    while (this.lines.filter((line) => line.includes(text)).length < count) await once(this.#written, 'line');
    await new Promise((resolve) => setImmediate(resolve));
  }

  #add(level: string, message: string): void {
    this.lines.push(`${level} ${message}`);
    this.#written.emit('line');
  }
}

/** The failover URL of fake brokers, in their order. */
export function failoverUrl(brokers: readonly FakeBroker[], options = ''): string {
  return `failover:(${brokers.map(({ port }) => `stomp://127.0.0.1:${port}`).join(',')})?randomize=false${options && `&${options}`}`;
}

/** Complete settings of a connection; short deadlines, no heart-beats. */
export function connectionSettings(url: string, settings: Partial<ConnectionSettings> = {}): ConnectionSettings {
  return {
    name: 'default',
    failover: parseBrokerUrl(url),
    heartBeat: { outgoing: 0, incoming: 0 },
    connectTimeout: 2_000,
    receiptTimeout: 2_000,
    recoveryInterval: 30,
    sendWindow: { messages: 256, bytes: 1_000_000 },
    openVmTransport: () => Promise.reject(new Error('there is no vm:// here')),
    logger: new RecordingLogger(),
    ...settings,
  };
}

type Closing = { close(timeout: number): Promise<void> };
const opened: Closing[] = [];

/** Closes after the test what it opened. */
export function closeAfterTest<T extends Closing>(connection: T): T {
  opened.push(connection);
  return connection;
}

/** Ends what the tests of a file have opened, after each of them; call it before `cleanUpSessions`. */
export function cleanUpConnections(): void {
  afterEach(async () => {
    for (const { close } of opened.splice(0).map((connection) => ({ close: () => connection.close(100) }))) {
      await Promise.allSettled([close()]);
    }
  });
}

/** A link to fake brokers, and what it reports, in short: `open 1`, `lost 1: why`, `gave up: why`. */
export function linkTo(url: string, observer: Partial<LinkObserver> = {}, settings: Partial<ConnectionSettings> = {}) {
  const complete = connectionSettings(url, settings);
  const reports: string[] = [];
  const connector = new FailoverConnector<StompSession>({
    uri: complete.failover,
    open: sessionOpener(complete, complete.clientId),
    logger: complete.logger,
    discard: (session) => session.destroy(),
  });
  const link = closeAfterTest(
    new Link(connector, {
      onStarted: () => observer.onStarted?.(),
      onOpen: (session) => {
        reports.push(`open ${session.epoch}`);
        observer.onOpen?.(session);
      },
      onLost: (uri, reason) => {
        reports.push(`lost ${uri.port}`);
        observer.onLost?.(uri, reason);
      },
      onGaveUp: (reason) => {
        reports.push('gave up');
        observer.onGaveUp?.(reason);
      },
    }),
  );
  return { link, reports, connector };
}
