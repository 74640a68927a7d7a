import { describe, expect, it } from 'vitest';

import { JmsMessage } from '../message/jms-message.js';
import { stompHeaders } from '../stomp/frame.js';
import { readDeadLetter } from './read-dead-letter.js';
import { sendBackCopy } from './send-back-copy.js';

const DLQ = 'queue://ActiveMQ.DLQ';

/** A dead letter that the broker made, with what it writes on one. */
function brokersLetter(headers: Readonly<Record<string, string>>): JmsMessage {
  const all = stompHeaders({
    'message-id': 'ID:1',
    'original-destination': '/queue/orders',
    originalDeliveryMode: 'NON_PERSISTENT',
    ...headers,
  });
  return new JmsMessage({ command: 'MESSAGE', headers: all, body: Buffer.from('x') }, { convert: () => 'x' });
}

const settings = { queue: DLQ, to: undefined, run: 'r' };

describe("a dead letter of the broker's", () => {
  it('tells where it came from, and when it would have expired: `original-destination`, `originalExpiration`', () => {
    expect(readDeadLetter(brokersLetter({ originalExpiration: '1700000000000' }), DLQ)).toMatchObject({
      cause: 'rejected',
      originalDestination: 'queue://orders',
      originalExpiration: 1_700_000_000_000,
    });
    expect(readDeadLetter(brokersLetter({ originalExpiration: '0' }), DLQ).originalExpiration).toBeUndefined();
  });

  it('goes back there, without its expiry unless that is kept, and as persistent as it lies here', () => {
    const letter = brokersLetter({ originalExpiration: '9000000000000', persistent: 'true' });
    const copy = sendBackCopy(letter, { ...settings, keepExpiration: false });
    expect(copy).toMatchObject({ headers: { destination: '/queue/orders', persistent: 'true' } });
    expect('headers' in copy && Object.keys(copy.headers).filter((name) => /^(expires|original-?[DE])/.test(name))).toEqual([]);
    expect(sendBackCopy(letter, { ...settings, keepExpiration: true })).toMatchObject({ headers: { expires: '9000000000000' } });
  });

  it('that would have expired meanwhile stays when its expiry is kept', () => {
    const copy = sendBackCopy(brokersLetter({ originalExpiration: '1' }), { ...settings, keepExpiration: true });
    expect(copy).toEqual({ refusal: 'it would have expired meanwhile' });
  });
});
