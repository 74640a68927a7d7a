import type { Duplex } from 'node:stream';

import { ConfigurationError } from '../errors/index.js';
import type { BrokerUri } from '../stomp/broker-uri.js';

/** Opens the byte stream for a `vm://` URI. */
export function openVmTransport(uri: BrokerUri): Promise<Duplex> {
  return Promise.reject(new ConfigurationError(`${uri.toString()}: this version has no embedded broker; use stomp://host:61613`));
}
