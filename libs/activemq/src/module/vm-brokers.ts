import { Injectable } from '@nestjs/common';
import type { Duplex } from 'node:stream';

import { ConnectError } from '../errors/index.js';
import type { BrokerUri } from '../stomp/broker-uri.js';

/** What answers `vm://name`: an `EmbeddedBroker`, an `EmbeddedCluster`, or anything else that opens a byte stream. */
export interface VmBroker {
  /** Opens the client's end of a connection to the node of that name; it emits `connect`, or `error`. */
  connect(nodeName: string): Duplex;
}

interface OwnedBroker extends VmBroker {
  stop(): Promise<void>;
}

/** The embedded brokers of one application, by the name in `vm://name`: made at the first connection, ended with the last. */
@Injectable()
export class VmBrokers {
  readonly #brokers = new Map<string, Promise<OwnedBroker>>();

  /**
   * Opens a byte stream to a broker that was given, or to the application's own one of that name.
   *
   * @throws ConnectError when it refuses
   */
  async connect(uri: BrokerUri, given: VmBroker | undefined, log: (line: string) => void): Promise<Duplex> {
    const broker = given ?? (await this.#own(uri.host, log));
    return connected(broker.connect(uri.host), uri);
  }

  /** Ends the brokers that were made here. */
  async stop(): Promise<void> {
    const brokers = [...this.#brokers.values()];
    this.#brokers.clear();
    await Promise.all(brokers.map(async (broker) => (await broker).stop()));
  }

  #own(name: string, log: (line: string) => void): Promise<OwnedBroker> {
    let broker = this.#brokers.get(name);
    if (!broker) {
      broker = start(name, log);
      this.#brokers.set(name, broker);
    }
    return broker;
  }
}

/** The embedded broker is loaded only by those who use it. */
async function start(name: string, log: (line: string) => void): Promise<OwnedBroker> {
  const { EmbeddedBroker } = await import('../embedded/index.js');
  return new EmbeddedBroker({ name, log }).start();
}

function connected(stream: Duplex, uri: BrokerUri): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const onConnect = () => {
      stream.off('error', onError);
      resolve(stream);
    };
    const onError = (cause: Error) => {
      stream.off('connect', onConnect);
      reject(new ConnectError(`${uri.toString()} refused: ${cause.message}`, { cause }));
    };
    stream.once('connect', onConnect).once('error', onError);
  });
}
