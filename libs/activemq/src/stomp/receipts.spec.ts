import { describe, expect, it } from 'vitest';

import { BrokerError, ConnectionClosedError, ReceiptTimeoutError } from '../errors/index.js';
import { pass, rejection, useFakeClock } from './failover-bench.fixture.js';
import { Receipts } from './receipts.js';

useFakeClock();

describe('Receipts', () => {
  it('confirms the one that is named, whatever the order', async () => {
    const receipts = new Receipts();
    const [first, second] = [receipts.expect('SEND a', 1_000), receipts.expect('SEND b', 1_000)];
    expect(first.id).not.toBe(second.id);
    expect(receipts.confirm(second.id)).toBe(true);
    await second.received;
    expect(receipts.size).toBe(1);
    expect(receipts.confirm(first.id)).toBe(true);
    await first.received;
    expect(receipts.size).toBe(0);
  });

  it('refuses with the error it is given', async () => {
    const receipts = new Receipts();
    const { id, received } = receipts.expect('SEND a', 1_000);
    const error = new BrokerError('no');
    expect(receipts.refuse(id, error)).toBe(true);
    expect(await rejection(received)).toBe(error);
  });

  it('gives up at the deadline, names the command and says that its effect is unknown', async () => {
    const receipts = new Receipts();
    const { id, received } = receipts.expect('SEND /queue/a', 1_000);
    const failed = rejection(received);
    await pass(999);
    expect(receipts.size).toBe(1);
    await pass(1);
    const error = await failed;
    expect(error).toBeInstanceOf(ReceiptTimeoutError);
    expect(error).toMatchObject({ timeout: 1_000, retryable: true });
    expect(error.message).toBe('The broker did not confirm SEND /queue/a within 1000 ms; whether it took effect is unknown.');
    expect(receipts.confirm(id)).toBe(false);
    expect(receipts.refuse(id, new BrokerError('late'))).toBe(false);
  });

  it('rejects every one that is awaited when the connection ends, and every later one', async () => {
    const receipts = new Receipts();
    const awaited = [1, 2, 3].map((number) => rejection(receipts.expect(`SEND ${number}`, 1_000).received));
    const error = new ConnectionClosedError('gone');
    receipts.end(error);
    receipts.end(new ConnectionClosedError('gone again'));
    expect(await Promise.all(awaited)).toEqual([error, error, error]);
    expect(await rejection(receipts.expect('SEND 4', 1_000).received)).toBe(error);
    expect(receipts.size).toBe(0);
  });
});
