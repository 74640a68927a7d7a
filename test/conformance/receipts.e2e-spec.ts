import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { uniqueQueue } from './support/names.js';

describeOnEachBroker('receipts', (broker) => {
  it('answers pipelined commands in the order they were written', async () => {
    const queue = uniqueQueue();
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    const ids = Array.from({ length: 20 }, (_, index) => `p${index}`);
    for (const id of ids) client.write(['SEND', `destination:${queue}`, 'persistent:true', `receipt:${id}`], 'm');
    const receipts = await client.frames.take(20);
    expect(receipts.map(({ command, headers }) => [command, headers['receipt-id']])).toEqual(ids.map((id) => ['RECEIPT', id]));
  });

  it('has stored a message when it confirms its SEND', async () => {
    const queue = uniqueQueue();
    const [client, other] = [await broker.client(), await broker.client()];
    await client.send(queue, 'm1');
    expect(await other.bodiesOn(queue)).toEqual(['m1']);
  });

  it('confirms every command that asks for it', async () => {
    const queue = uniqueQueue();
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    const confirmed = async (...head: string[]) => {
      client.write([...head, `receipt:of ${head[0]}`]);
      for (;;) {
        const frame = await client.frames.next();
        if (frame.command !== 'MESSAGE') return frame.headers['receipt-id'];
        client.write(['ACK', `id:${frame.headers['ack']!.replaceAll(':', '\\c')}`]);
      }
    };
    expect(await confirmed('BEGIN', 'transaction:a')).toBe('of BEGIN');
    expect(await confirmed('SEND', `destination:${queue}`, 'transaction:a')).toBe('of SEND');
    expect(await confirmed('COMMIT', 'transaction:a')).toBe('of COMMIT');
    expect(await confirmed('BEGIN', 'transaction:b')).toBe('of BEGIN');
    expect(await confirmed('ABORT', 'transaction:b')).toBe('of ABORT');
    expect(await confirmed('SUBSCRIBE', 'id:1', `destination:${queue}`, 'ack:client')).toBe('of SUBSCRIBE');
    expect(await confirmed('UNSUBSCRIBE', 'id:1')).toBe('of UNSUBSCRIBE');
    expect(await confirmed('DISCONNECT')).toBe('of DISCONNECT');
  });

  it('closes the connection after it has confirmed DISCONNECT', async () => {
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write(['DISCONNECT', 'receipt:bye']);
    expect((await client.frames.next()).headers['receipt-id']).toBe('bye');
    await client.closed;
  });

  it('gives a receipt-id back with its special characters', async () => {
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write(['SEND', `destination:${uniqueQueue()}`, String.raw`receipt:a\cb\\c\nd`], 'm');
    expect((await client.frames.next()).headers['receipt-id']).toBe('a:b\\c\nd');
  });

  it('carries out commands without a receipt in silence', async () => {
    const queue = uniqueQueue();
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write(['SEND', `destination:${queue}`], 'silent');
    client.write(['SEND', `destination:${queue}`, 'receipt:loud'], 'loud');
    expect((await client.frames.next()).headers['receipt-id']).toBe('loud');
    expect(client.frames.size).toBe(0);
    const observer = await broker.client();
    expect(await observer.bodiesOn(queue)).toEqual(['silent', 'loud']);
  });
});
