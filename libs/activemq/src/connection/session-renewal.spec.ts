import { describe, expect, it } from 'vitest';

import { ReceiptTimeoutError } from '../errors/index.js';
import { wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { cleanUpConnections, failoverUrl, linkTo } from './connection.fixture.js';
import { SessionRenewal } from './session-renewal.js';

cleanUpConnections();
cleanUpSessions();

/** Long enough not to pass in a test. */
const LONG = 60_000;

/** What can be asked to rest, and says when its handler has ended. */
class Consumer {
  rests = 0;
  #end!: (hasNothingLeft: boolean) => void;
  #idle = Promise.resolve(true);

  /** A handler begins. */
  run(): void {
    this.#idle = new Promise((resolve) => (this.#end = resolve));
  }

  handlerEnds(hasNothingLeft = true): void {
    this.#end(hasNothingLeft);
  }

  rest() {
    this.rests++;
    return { idle: this.#idle, end: () => void this.rests-- };
  }
}

/** Where replies are waited for. */
class Queue {
  pauses = 0;
  #answer!: () => void;
  #quiet = Promise.resolve();

  ask(): void {
    this.#quiet = new Promise((resolve) => (this.#answer = resolve));
  }

  answered(): void {
    this.#quiet = Promise.resolve();
    this.#answer();
  }

  quiet(): Promise<void> {
    return this.#quiet;
  }

  pause(): () => void {
    this.pauses++;
    return () => void this.pauses--;
  }
}

async function renewing(consumers: readonly Consumer[] = [], queues: readonly Queue[] = []) {
  const broker = await startFakeBroker();
  const { link } = linkTo(failoverUrl([broker]));
  const { session } = await link.session();
  const users = { consumers: new Set(consumers), temporaryQueues: new Set(queues) };
  const renewal = new SessionRenewal(link, users);
  const disconnects = () => broker.received('DISCONNECT').length;
  return { broker, link, session, renewal, users, disconnects };
}

/** Lets everything happen that waits for nothing else. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the renewal of a session', () => {
  it('leaves it with a DISCONNECT for a new one, and its consumers go on', async () => {
    const [consumer, queue] = [new Consumer(), new Queue()];
    const { link, session, renewal, disconnects } = await renewing([consumer], [queue]);
    expect(await renewal.renew(LONG)).toBe(true);
    expect([session.isOpen, disconnects(), consumer.rests, queue.pauses]).toEqual([false, 1, 0, 0]);
    expect((await session.closed).message).toContain('is left for a new session');
    expect((await link.session()).epoch).toBe(2);
  });

  it('waits for the handlers that run, while no other one starts', async () => {
    const consumers = [new Consumer(), new Consumer()];
    const { renewal, disconnects } = await renewing(consumers);
    consumers[0]!.run();
    const renewed = renewal.renew(LONG);
    await turn();
    expect([disconnects(), ...consumers.map(({ rests }) => rests)]).toEqual([0, 1, 1]);
    consumers[0]!.handlerEnds();
    expect(await renewed).toBe(true);
    expect(disconnects()).toBe(1);
  });

  it.each([
    ['runs for too long', (consumer: Consumer) => consumer.run()],
    ['has left a message undecided', (consumer: Consumer) => (consumer.run(), consumer.handlerEnds(false))],
  ])('comes to nothing when a handler %s', async (_, arrange) => {
    const consumer = new Consumer();
    const { session, renewal } = await renewing([consumer]);
    arrange(consumer);
    expect([await renewal.renew(20), session.isOpen, consumer.rests]).toEqual([false, true, 0]);
  });

  it('waits for consumers too that were made while others came to rest', async () => {
    const [first, second] = [new Consumer(), new Consumer()];
    const { renewal, users, disconnects } = await renewing([first]);
    first.run();
    second.run();
    const renewed = renewal.renew(LONG);
    users.consumers.add(second);
    first.handlerEnds();
    await turn();
    expect(disconnects()).toBe(0);
    second.handlerEnds();
    expect(await renewed).toBe(true);
  });

  it('waits for the replies of requests, first while handlers go on, then while no other one begins', async () => {
    const [consumer, queue] = [new Consumer(), new Queue()];
    const { renewal, disconnects } = await renewing([consumer], [queue]);
    queue.ask();
    const renewed = renewal.renew(LONG);
    await turn();
    expect([consumer.rests, queue.pauses, disconnects()]).toEqual([0, 0, 0]);
    consumer.run();
    queue.answered();
    await turn();
    queue.ask();
    consumer.handlerEnds();
    await turn();
    expect([queue.pauses, disconnects()]).toEqual([1, 0]);
    queue.answered();
    expect(await renewed).toBe(true);
    expect([queue.pauses, disconnects()]).toEqual([0, 1]);
  });

  it('comes to nothing when a reply takes too long', async () => {
    const queue = new Queue();
    const { session, renewal } = await renewing([], [queue]);
    queue.ask();
    expect([await renewal.renew(20), session.isOpen, queue.pauses]).toEqual([false, true, 0]);
  });

  it('is shared by who asks meanwhile: none ends the rest of another', async () => {
    const consumer = new Consumer();
    const { link, renewal, disconnects } = await renewing([consumer]);
    consumer.run();
    const renewals = [renewal.renew(LONG), renewal.renew(1)];
    await turn();
    expect(consumer.rests).toBe(1);
    consumer.handlerEnds();
    expect([await Promise.all(renewals), disconnects()]).toEqual([[true, true], 1]);
    await link.session();
    expect([await renewal.renew(LONG), disconnects()]).toEqual([true, 2]);
  });

  it('has nothing to leave when the session has died meanwhile: the next one stays', async () => {
    const consumer = new Consumer();
    const { broker, link, session, renewal, disconnects } = await renewing([consumer]);
    consumer.run();
    const renewed = renewal.renew(LONG);
    broker.peer.reset();
    await session.closed;
    const next = await link.session();
    consumer.handlerEnds();
    expect([await renewed, disconnects(), link.current === next]).toEqual([true, 0, true]);
  });

  it('is told what DISCONNECT failed with, and can be asked for again', async () => {
    const { broker, session, link, renewal } = await renewing();
    broker.script = wellBehavedExcept({ DISCONNECT: () => undefined });
    const renewed = rejection(renewal.renew(LONG));
    await broker.until(() => broker.received('DISCONNECT').length === 1);
    expect(link.current).toBeUndefined();
    session.destroy(new ReceiptTimeoutError('no answer', 1));
    expect((await renewed).message).toBe('no answer');
    broker.script = wellBehavedExcept({});
    await link.session();
    expect(await renewal.renew(LONG)).toBe(true);
  });
});
