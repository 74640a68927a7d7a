import { describe, expect, it } from 'vitest';

import { BrokerError, ConnectionClosedError, IllegalStateError, ReceiptTimeoutError, SendError } from '../errors/index.js';
import { confirm, type FakeBroker, type PeerScript, wellBehaved, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { Turn } from '../stomp/turn.js';
import { ActiveMqConnection } from './activemq-connection.js';
import { cleanUpConnections, closeAfterTest, connectionSettings, failoverUrl } from './connection.fixture.js';
import { SessionTransaction } from './session-transaction.js';

cleanUpConnections();
cleanUpSessions();

async function connectionTo(script: PeerScript = wellBehaved) {
  const broker = await startFakeBroker(script);
  const connection = closeAfterTest(new ActiveMqConnection(connectionSettings(failoverUrl([broker]), { receiptTimeout: 150 })));
  const send = (key: string, timeout = 0) => connection.send({ destination: '/queue/a', idempotencyKey: key }, Buffer.from('x'), timeout);
  return { broker, connection, send, transaction: await connection.createTransaction() };
}

const refused: PeerScript = wellBehavedExcept({
  SEND: (frame, peer) => peer.send('ERROR', { 'receipt-id': frame.headers['receipt'], message: 'not authorized' }),
});

function commands(broker: FakeBroker): string[] {
  return broker.peer.received.map(({ command }) => command).filter((command) => command !== 'CONNECT');
}

describe('a transaction on a session', () => {
  it('has each step confirmed, and tells its end', async () => {
    const { broker, transaction } = await connectionTo();
    const ends: string[] = [];
    transaction.onEnd((outcome) => ends.push(outcome));
    await Promise.all([transaction.send({ destination: '/queue/a' }, Buffer.from('x')), transaction.acknowledge('7')]);
    await transaction.commit();
    expect(commands(broker)).toEqual(['BEGIN', 'SEND', 'ACK', 'COMMIT']);
    transaction.onEnd((outcome) => ends.push(`late ${outcome}`));
    expect([ends, transaction.outcome]).toEqual([['committed', 'late committed'], 'committed']);
  });

  it('acknowledges only when what it sends was taken: a full queue is not waited for while others wait for the turn', async () => {
    const { broker, transaction } = await connectionTo(wellBehavedExcept({ SEND: () => undefined }));
    const steps = [transaction.send({ destination: '/queue/a' }, Buffer.from('x'), 5_000), transaction.acknowledge('7')];
    await broker.until(() => broker.received('SEND').length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(commands(broker)).toEqual(['BEGIN', 'SEND']);
    confirm(broker.received('SEND')[0]!, broker.peer);
    await Promise.all(steps);
    expect(commands(broker)).toEqual(['BEGIN', 'SEND', 'ACK']);
    await transaction.rollback();
  });

  it('has failed when it is rolled back: what waits for its place is not written behind ABORT', async () => {
    const { broker, transaction } = await connectionTo();
    const first = transaction.send({ destination: '/queue/a' }, Buffer.from('x'));
    let pass!: () => void;
    const waiting = rejection(
      transaction.send({ destination: '/queue/a' }, Buffer.from('y'), 1_000, new Promise((resolve) => (pass = resolve))),
    );
    await first;
    const rolledBack = transaction.rollback();
    expect(transaction.failure).toBeInstanceOf(IllegalStateError);
    pass();
    expect(await waiting).toBeInstanceOf(IllegalStateError);
    await rolledBack;
    expect(commands(broker)).toEqual(['BEGIN', 'SEND', 'ABORT']);
  });

  it('lets no other COMMIT or ABORT of its session come between its acknowledgement and its end', async () => {
    const { broker, transaction } = await connectionTo();
    const turn = new Turn();
    const [a, b, c] = ['a', 'b', 'c'].map((id) => new SessionTransaction(transaction.session, id, turn)) as [
      SessionTransaction,
      SessionTransaction,
      SessionTransaction,
    ];
    await Promise.all([a, b, c].map((tx) => tx.send({ destination: '/queue/a' }, Buffer.from('x'))));
    await a.acknowledge('1');
    const others = Promise.all([b.rollback(), c.acknowledge('2').then(() => c.commit())]);
    await a.send({ destination: '/queue/b' }, Buffer.from('y'));
    await a.commit();
    await others;
    const order = broker.peer.received.filter(({ command }) => ['ACK', 'COMMIT', 'ABORT'].includes(command));
    expect(order.map(({ command, headers }) => `${command} ${headers['transaction']}`)).toEqual([
      'ACK a',
      'COMMIT a',
      'ABORT b',
      'ACK c',
      'COMMIT c',
    ]);
  });

  it('gives the turn on when its session dies', async () => {
    const { broker, transaction } = await connectionTo();
    const turn = new Turn();
    const [a, b] = [new SessionTransaction(transaction.session, 'a', turn), new SessionTransaction(transaction.session, 'b', turn)];
    await Promise.all([a, b].map((tx) => tx.send({ destination: '/queue/a' }, Buffer.from('x'))));
    await a.acknowledge('1');
    const waiting = rejection(b.acknowledge('2'));
    broker.peer.reset();
    await transaction.session.closed;
    await a.rollback();
    expect(await waiting).toBeInstanceOf(ConnectionClosedError);
    await b.rollback();
    expect([a.outcome, b.outcome]).toEqual(['rolled-back', 'rolled-back']);
  });

  it('never reaches the broker when nothing is done in it', async () => {
    const { broker, transaction } = await connectionTo();
    await transaction.commit();
    expect([commands(broker), transaction.outcome]).toEqual([[], 'committed']);
  });

  it('is rolled back when a step was refused, although the caller goes on to COMMIT', async () => {
    const { broker, transaction } = await connectionTo(refused);
    await rejection(transaction.send({ destination: '/queue/a' }, Buffer.from('x')));
    broker.script = wellBehaved;
    expect(await rejection(transaction.send({ destination: '/queue/b' }, Buffer.from('y')))).toBeInstanceOf(BrokerError);
    expect(await rejection(transaction.commit())).toBeInstanceOf(BrokerError);
    expect([commands(broker), transaction.outcome]).toEqual([['BEGIN', 'SEND', 'ABORT'], 'rolled-back']);
  });

  it('does not wait for a refused step to be awaited: COMMIT waits for every step itself', async () => {
    const { broker, transaction } = await connectionTo(refused);
    const forgotten = transaction.send({ destination: '/queue/a' }, Buffer.from('x'));
    const [sent, committed] = await Promise.allSettled([forgotten, transaction.commit()]);
    expect([sent.status, committed.status, transaction.outcome]).toEqual(['rejected', 'rejected', 'rolled-back']);
    expect(commands(broker).at(-1)).toBe('ABORT');
  });

  it('did not happen when the connection died before COMMIT', async () => {
    const { broker, transaction } = await connectionTo();
    await transaction.send({ destination: '/queue/a' }, Buffer.from('x'));
    broker.peer.reset();
    await transaction.session.closed;
    expect(await rejection(transaction.commit())).toBeInstanceOf(ConnectionClosedError);
    expect(transaction.outcome).toBe('rolled-back');
  });

  it('ended nobody knows how when the connection died in COMMIT', async () => {
    const { transaction } = await connectionTo(wellBehavedExcept({ COMMIT: (_, peer) => peer.reset() }));
    await transaction.send({ destination: '/queue/a' }, Buffer.from('x'));
    expect(await rejection(transaction.commit())).toBeInstanceOf(ConnectionClosedError);
    expect(transaction.outcome).toBe('unknown');
  });

  it.each(['COMMIT', 'ABORT'])('ends its session when %s gets no answer: the broker would go on holding its messages', async (command) => {
    const { transaction } = await connectionTo(wellBehavedExcept({ [command]: () => undefined }));
    await transaction.send({ destination: '/queue/a' }, Buffer.from('x'));
    const end = command === 'COMMIT' ? transaction.commit() : transaction.rollback();
    await Promise.allSettled([end]);
    const reason = await transaction.session.closed;
    expect(reason).toBeInstanceOf(ReceiptTimeoutError);
    expect(transaction.outcome).toBe(command === 'COMMIT' ? 'unknown' : 'rolled-back');
  });

  it('takes nothing after its end', async () => {
    const { transaction } = await connectionTo();
    await transaction.rollback();
    await transaction.rollback();
    expect(await rejection(transaction.send({ destination: '/queue/a' }, Buffer.from('x')))).toBeInstanceOf(IllegalStateError);
    expect(await rejection(transaction.commit())).toBeInstanceOf(IllegalStateError);
  });

  it('keeps no trace of steps that are done, and has so many unconfirmed at a time at most', async () => {
    const { broker, transaction } = await connectionTo(wellBehavedExcept({ SEND: () => undefined }));
    const all = Promise.allSettled(Array.from({ length: 300 }, () => transaction.send({ destination: '/queue/a' }, Buffer.from('x'), 100)));
    await broker.until(() => broker.received('SEND').length === 256);
    await all;
    expect(broker.received('SEND')).toHaveLength(256);
    await transaction.rollback();
  });
});

describe('a send of code that runs in a transaction', () => {
  it('joins it, also behind an await, and one outside does not', async () => {
    const { broker, connection, send, transaction } = await connectionTo();
    await connection.runInTransaction(transaction, async () => {
      await send('one');
      await new Promise((resolve) => setImmediate(resolve));
      expect(connection.currentTransaction).toBe(transaction);
      await Promise.all([send('two'), connection.runInTransaction(undefined, () => send('outside'))]);
    });
    await send('after');
    await transaction.commit();
    const transactions = broker.received('SEND').map(({ headers }) => [headers['idempotencyKey'], headers['transaction']]);
    expect(Object.fromEntries(transactions)).toEqual({ one: 'send-1', two: 'send-1', outside: undefined, after: undefined });
    expect(connection.currentTransaction).toBeUndefined();
  });

  it('is not sent, says so and dooms the transaction when the broker refuses', async () => {
    const { connection, send, transaction } = await connectionTo(refused);
    const error = await rejection(connection.runInTransaction(transaction, () => send('one')));
    expect(error).toBeInstanceOf(SendError);
    expect(error).toMatchObject({ outcome: 'not-sent', message: expect.stringContaining('not authorized') as string });
    expect(transaction.failure).toBeInstanceOf(BrokerError);
  });

  it('fails with the cure when the transaction has ended', async () => {
    const { connection, send, transaction } = await connectionTo();
    await transaction.commit();
    const error = await rejection(connection.runInTransaction(transaction, () => send('late')));
    expect(error).toBeInstanceOf(IllegalStateError);
    expect(error.message).toContain('await every send');
  });
});
