import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { EmbeddedBroker } from './embedded-broker.js';
import { startBroker, StompClient } from './stomp-client.fixture.js';

describe('errors', () => {
  let broker: EmbeddedBroker;
  afterEach(() => broker.stop());

  describe('on a connection', () => {
    let client: StompClient;
    beforeEach(async () => {
      broker = await startBroker();
      client = await StompClient.connect(broker);
    });

    it.each([
      ['SEND', {}, 'SEND received without a Destination specified!'],
      ['SEND', { destination: '/queue/q', 'amq-msg-type': 'map' }, "Unsupported message type 'map'"],
      ['SUBSCRIBE', { destination: '/queue/q' }, 'SUBSCRIBE received without a subscription id!'],
      ['SUBSCRIBE', { id: '1' }, "Invalid empty or 'null' Destination header"],
      ['SUBSCRIBE', { id: '1', destination: '/queue/q', selector: 'a = = 1' }, 'a = = 1'],
      [
        'SUBSCRIBE',
        { id: '1', destination: '/queue/q', 'activemq.subscriptionName': 'x' },
        'Invalid Subscription: cannot durably subscribe to a Queue destination!',
      ],
      ['UNSUBSCRIBE', { id: 'none' }, 'No subscription matched.'],
      ['UNSUBSCRIBE', {}, 'UNSUBSCRIBE received without a subscription id!'],
      ['ACK', {}, 'ACK received without a ack id for acknowledge!'],
      ['NACK', { id: 'none' }, 'Unexpected NACK received for message-id [null]'],
      ['ACK', { id: 'none', transaction: 'none' }, 'Invalid transaction id: none'],
    ])('%s %j is refused with "%s" and the connection lives on', async (command, headers, message) => {
      const answer = await client.ask(command, headers);
      expect([answer.command, answer.headers['message']]).toEqual(['ERROR', message]);
      expect(answer.headers['content-type']).toBe('text/plain');
      expect(answer.body.length).toBeGreaterThan(0);
      expect((await client.send('/queue/q', 'x')).command).toBe('RECEIPT');
    });

    it('without a receipt an ERROR says not which command it answers', async () => {
      client.write('SUBSCRIBE', { id: '1' });
      expect((await client.next(({ command }) => command === 'ERROR')).headers).not.toHaveProperty('receipt-id');
    });

    it.each([
      ['an unknown command', 'FOO\n\n\0', 'Unknown STOMP action: FOO'],
      ['a header line above 10 KB', `SEND\nx:${'y'.repeat(11_000)}\n\n\0`, 'The maximum header length was exceeded'],
      [
        'more than 1000 headers',
        `SEND\n${Array.from({ length: 1001 }, (_, i) => `h${i}:1\n`).join('')}\n\0`,
        'The maximum number of headers was exceeded',
      ],
      ['a bad content-length', 'SEND\ncontent-length:x\n\n\0', 'Specified content-length is not a valid integer'],
      ['a wrong content-length', 'SEND\ncontent-length:1\n\nxx\0', 'content-length bytes were read and there was no trailing null byte'],
      ['a long command', `${'S'.repeat(2000)}\n`, 'The maximum command length was exceeded'],
    ])('%s: ERROR, then the connection closes', async (_what, bytes, message) => {
      client.raw(bytes);
      expect((await client.next(({ command }) => command === 'ERROR')).headers['message']).toBe(message);
      await client.closed;
    });

    it.each([{ priority: 'abc' }, { expires: 'abc' }, { timestamp: 'abc' }, { JMSXDeliveryCount: 'abc' }])(
      'SEND with %j closes without an ERROR frame',
      async (headers) => {
        client.write('SEND', { destination: '/queue/q', ...headers }, 'x');
        await client.closed;
        expect(client.frames).toEqual([]);
      },
    );

    it('a header line without a colon is taken', async () => {
      client.raw('SEND\ndestination:/queue/q\nnocolon\nreceipt:1\n\nx\0');
      expect((await client.next(({ headers }) => headers['receipt-id'] === '1')).command).toBe('RECEIPT');
    });

    it('of a repeated header the first counts', async () => {
      client.raw('SEND\ndestination:/queue/first\ndestination:/queue/second\nreceipt:1\n\nx\0');
      await client.next(({ headers }) => headers['receipt-id'] === '1');
      expect(broker.queueNames()).toEqual(['first']);
    });

    it('a second CONNECT is refused and the connection lives on', async () => {
      client.raw('CONNECT\naccept-version:1.2\n\n\0');
      expect((await client.next(({ command }) => command === 'ERROR')).headers['message']).toBe('Already connected.');
      expect((await client.send('/queue/q', 'x')).command).toBe('RECEIPT');
    });

    it('DISCONNECT is confirmed, then the connection closes', async () => {
      expect((await client.ask('DISCONNECT')).command).toBe('RECEIPT');
      await client.closed;
    });
  });

  describe('on the way in', () => {
    it.each([
      ['CONNECT\naccept-version:1.3\n\n\0', 'Invalid Protocol version[1.3], supported versions are: [1.2, 1.1, 1.0]'],
      ['CONNECT\naccept-version:1.2\nheart-beat:abc\n\n\0', 'Invalid heart-beat header:abc'],
      ['GET / HTTP/1.1\r\nHost: x\r\n\r\n\0', 'Unknown STOMP action: GET / HTTP/1.1'],
    ])('%j is refused and the connection closes', async (bytes, message) => {
      broker = await startBroker();
      const client = new StompClient(broker.connect());
      client.raw(bytes);
      expect((await client.next(({ command }) => command === 'ERROR')).headers['message']).toBe(message);
      await client.closed;
    });

    it('a command before CONNECT is refused', async () => {
      broker = await startBroker();
      const client = new StompClient(broker.connect());
      expect((await client.send('/queue/q', 'x')).headers['message']).toBe('Not connected.');
    });

    it('a wrong password is refused and the connection closes', async () => {
      broker = await startBroker({ user: 'app', password: 'secret' });
      const client = new StompClient(broker.connect());
      client.raw('CONNECT\naccept-version:1.2\nlogin:app\npasscode:wrong\n\n\0');
      const answer = await client.next(({ command }) => command === 'ERROR');
      expect(answer.headers['message']).toBe('User name [app] or password is invalid.');
      expect(answer.body.toString()).not.toContain('secret');
      await client.closed;
      await StompClient.connect(broker, { login: 'app', passcode: 'secret' });
    });

    it('what is not authorised is refused, the connection lives on, a transaction commits the rest', async () => {
      broker = await startBroker({ authorize: (user, action, name) => user === 'app' && (action === 'read' || name !== 'queue://other') });
      const client = await StompClient.connect(broker, { login: 'app' });
      await client.ask('BEGIN', { transaction: 't' });
      await client.send('/queue/mine', 'x', { transaction: 't' });
      const answer = await client.send('/queue/other', 'x', { transaction: 't' });
      expect([answer.command, answer.headers['message']]).toEqual(['ERROR', 'User app is not authorized to write to: queue://other']);
      await client.ask('COMMIT', { transaction: 't' });
      expect([broker.queue('mine').depth, broker.queue('other').depth]).toEqual([1, 0]);
    });

    it.each([
      ['1.0', 'CONNECT\n\n\0'],
      ['1.1', 'CONNECT\naccept-version:1.0,1.1\n\n\0'],
      ['1.2', 'STOMP\naccept-version:1.2,1.1,1.0\n\n\0'],
    ])('version %s is agreed on', async (version, bytes) => {
      broker = await startBroker();
      const client = new StompClient(broker.connect());
      client.raw(bytes);
      const { headers } = await client.next(({ command }) => command === 'CONNECTED');
      expect(headers).toMatchObject({ version, server: 'ActiveMQ/5.17.2-embedded', 'heart-beat': '0,0' });
      expect(headers['session']).toMatch(/^ID:/);
    });
  });
});
