import { describe, expect, it, vi } from 'vitest';

import { BrokerError, ReceiptTimeoutError } from '../errors/index.js';
import { confirm, type FakePeer, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import type { StompFrame } from '../stomp/frame.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { cleanUpConnections, failoverUrl, linkTo } from './connection.fixture.js';
import type { IncomingDelivery } from './incoming-delivery.js';
import { MessageConsumer } from './message-consumer.js';

cleanUpConnections();
cleanUpSessions();

/** A consumer that was given one message, of a broker that answers `command` only when it is told to. */
async function delivered(command: string) {
  const { broker, consumer, deliveries, answer, subscribed } = await consumerOf(command);
  const isSubscribed = subscribed();
  consumer.start();
  await isSubscribed;
  broker.peer.send('MESSAGE', { subscription: 's1', 'message-id': 'm1', ack: 'ack-m1' }, Buffer.from('x'));
  const [delivery] = await deliveries(1);
  /** What was written from the message on. */
  const commands = () =>
    broker.peers
      .flatMap(({ received }) => received)
      .map((frame) => frame.command)
      .slice(2);
  return { broker, consumer, delivery: delivery!, answer, commands, subscribed };
}

/** A consumer of a broker that answers `command` only when it is told to. */
async function consumerOf(command: string, isPattern = false) {
  const answers: (() => void)[] = [];
  const hold = (frame: StompFrame, peer: FakePeer) => void answers.push(() => confirm(frame, peer));
  const broker = await startFakeBroker(wellBehavedExcept({ [command]: hold }));
  const { link } = linkTo(failoverUrl([broker]), {
    onOpen: (session) => consumer.sessionOpened(session),
    onLost: () => consumer.sessionLost(),
  });
  let last = 0;
  const came: IncomingDelivery[] = [];
  let onSubscribed = () => undefined as void;
  const subscribed = () => new Promise<void>((resolve) => (onSubscribed = resolve));
  const deliveries = async (count: number) => {
    await vi.waitFor(() => expect(came).toHaveLength(count));
    return came;
  };
  const settings = { headers: { destination: '/queue/a', ack: 'client' }, isPattern, recoveryInterval: 20, receiptTimeout: 2_000 };
  const consumer: MessageConsumer = new MessageConsumer(link, () => `s${++last}`, settings, {
    onDelivery: (delivery) => void came.push(delivery),
    onSubscribed: () => onSubscribed(),
    onRefused: () => undefined,
    onInterrupted: () => undefined,
  });
  return { broker, consumer, deliveries, answer: () => answers.shift()!(), subscribed };
}

const DEAD = { destination: '/queue/dead' };
const BODY = Buffer.from('x');

describe('a subscription that ends', () => {
  it('does not between the ACK of a transaction and its COMMIT', async () => {
    const { broker, consumer, delivery, answer, commands } = await delivered('ACK');
    const replaced = delivery.replaceWith(DEAD, BODY);
    await broker.until(() => commands().includes('ACK'));
    const stopped = consumer.stop();
    await new Promise((resolve) => setImmediate(resolve));
    answer();
    expect(await replaced).toBe(true);
    await stopped;
    expect(commands()).toEqual(['BEGIN', 'SEND', 'ACK', 'COMMIT', 'UNSUBSCRIBE']);
  });

  it('makes void what is acknowledged after it: the broker would ignore the ACK and carry out the rest', async () => {
    const { broker, consumer, delivery, answer, commands } = await delivered('SEND');
    const replaced = delivery.replaceWith(DEAD, BODY);
    await broker.until(() => commands().includes('SEND'));
    await consumer.stop();
    answer();
    expect(await replaced).toBe(false);
    expect(commands()).toEqual(['BEGIN', 'SEND', 'UNSUBSCRIBE', 'ABORT']);
  });

  it('takes its session along when a transaction does not end in time: nobody knows what becomes of it', async () => {
    const { broker, consumer, delivery, commands } = await delivered('ACK');
    const replaced = rejection(delivery.replaceWith(DEAD, BODY));
    await broker.until(() => commands().includes('ACK'));
    const session = broker.peer;
    expect(await rejection(consumer.stop(30))).toBeInstanceOf(ReceiptTimeoutError);
    expect(await replaced).toBeInstanceOf(ReceiptTimeoutError);
    await broker.until(() => session.isClosed);
    expect(session.received.map(({ command }) => command)).not.toContain('UNSUBSCRIBE');
  });

  it('is made to its end before, where that takes several steps: the last of them would leave one that nobody knows', async () => {
    const { broker, consumer, answer } = await consumerOf('SUBSCRIBE', true);
    consumer.start();
    await broker.until(() => broker.received('SUBSCRIBE').length === 1);
    const stopped = consumer.stop();
    answer();
    await stopped;
    expect(broker.peer.received.map(({ command, headers }) => `${command} ${headers['id'] ?? ''}`).slice(1)).toEqual([
      'SUBSCRIBE s1-probe',
      'UNSUBSCRIBE s1-probe',
      'SUBSCRIBE s1',
      'BEGIN ',
      'ABORT ',
      'UNSUBSCRIBE s1',
    ]);
  });

  it('is waited for by who comes later', async () => {
    const { broker, consumer, answer } = await delivered('UNSUBSCRIBE');
    const first = consumer.stop();
    await broker.until(() => broker.received('UNSUBSCRIBE').length === 1);
    let isStopped = false;
    const second = consumer.stop().then(() => (isStopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    answer();
    await Promise.all([first, second]);
  });

  it('and is refused that at a renewal, begins anew on a new session', async () => {
    const { broker, consumer, subscribed } = await delivered('nothing');
    broker.script = wellBehavedExcept({
      UNSUBSCRIBE: (frame, peer) => peer.send('ERROR', { message: 'no such subscription', 'receipt-id': frame.headers['receipt'] }),
    });
    const isSubscribed = subscribed();
    expect(await rejection(consumer.resubscribe())).toBeInstanceOf(BrokerError);
    await isSubscribed;
    expect([broker.connects, consumer.isSubscribed]).toEqual([2, true]);
  });
});
