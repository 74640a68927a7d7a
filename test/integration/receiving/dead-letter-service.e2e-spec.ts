import 'reflect-metadata';
import { BrokerError } from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { counts, morgue, numbers, OURS } from './morgue.fixture.js';
import { describeOnBoth } from './receiving.fixture.js';

describeOnBoth('DeadLetterService', (bench) => {
  it('tells what is known of dead letters: ours, and those of the broker and of OpenWire clients', async () => {
    const { service, bury, dlq, queue } = await morgue(bench);
    await bury({ id: 1 });
    const foreign = { ...Object.fromEntries(Object.keys(OURS).map((name) => [name, undefined])), originalDestination: undefined } as never;
    await bury({ id: 2 }, { ...(foreign as object), dlqDeliveryFailureCause: 'java.lang.Throwable: Message Expired. Expiration:1' });
    await bury({ id: 3 }, { ...(foreign as object), dlqDeliveryFailureCause: 'java.lang.Throwable: Exceeded redelivery policy limit' });
    await bury({ id: 4 }, foreign);
    const { deadLetters, isTruncated } = await service.list(dlq);
    expect(isTruncated).toBe(false);
    expect(deadLetters).toMatchObject([
      {
        queue: `queue://${dlq}`,
        cause: 'application',
        originalDestination: `queue://${queue}`,
        originalMessageId: 'ID:original-1',
        reason: 'maximumRedeliveries are used up',
        errorClass: 'TypeError',
        errorMessage: 'x is undefined',
        attempts: 7,
        firstFailedAt: 1_700_000_000_000,
        lastFailedAt: 1_700_000_009_000,
        listenerId: 'orders',
        application: 'shop',
        idempotencyKey: 'key-1',
        correlationId: 'c-1',
        bodySize: 8,
      },
      { cause: 'expired', reason: expect.stringContaining('Expired') },
      { cause: 'rejected', reason: expect.stringContaining('redelivery policy limit') },
      { cause: 'unknown', originalDestination: undefined },
    ]);
    expect(deadLetters.every(({ messageId }) => messageId.startsWith('ID:'))).toBe(true);
  });

  it('knows what the broker itself dead-lettered, and sends it back to where it came from', async () => {
    const { jms, service, observer, queue } = await morgue(bench);
    await observer.send(queue, '{"torn":', { 'content-type': 'application/json', mark: queue });
    await expect(jms.receiveAndConvert(queue)).rejects.toThrow('its body is not JSON');
    const selector = `mark = '${queue}'`;
    const { deadLetters } = await service.list(undefined, { selector });
    expect(deadLetters).toMatchObject([{ queue: 'queue://ActiveMQ.DLQ', cause: 'rejected', originalDestination: `queue://${queue}` }]);
    expect(counts(await service.sendBack({ selector }))).toEqual({ done: 1, gone: 0, failed: 0 });
    expect(await observer.bodies(queue)).toEqual(['{"torn":']);
  });

  it('sends back to where the broker took it from, not to where its producer says that it came from', async () => {
    const { service, observer, queue } = await morgue(bench);
    const admin = bench.queue('admin');
    const forged = { originalDestination: `queue://${admin}`, expires: String(Date.now() - 1_000), mark: queue };
    await observer.send(queue, 'forged', forged);
    const selector = `mark = '${queue}'`;
    const { deadLetters } = await service.list(undefined, { selector });
    expect(deadLetters).toMatchObject([{ cause: 'expired', originalDestination: `queue://${queue}` }]);
    expect(counts(await service.sendBack({ selector }))).toEqual({ done: 1, gone: 0, failed: 0 });
    expect([await observer.bodies(admin), await observer.bodies(queue)]).toEqual([[], ['forged']]);
  });

  it('lists by selector, by filter, up to a limit, and in groups', async () => {
    const { service, buryMany, bury, dlq } = await morgue(bench);
    await buryMany(5);
    await bury('other', { deadLetterErrorClass: 'RangeError' });
    expect((await service.list(dlq, { selector: 'n > 2' })).deadLetters).toHaveLength(2);
    expect((await service.list(dlq, { filter: ({ errorClass }) => errorClass === 'RangeError' })).deadLetters).toHaveLength(1);
    expect(await service.list(dlq, { limit: 4 })).toMatchObject({ deadLetters: { length: 4 }, isTruncated: true });
    expect(await service.listGroups(dlq)).toMatchObject({
      groups: [
        { errorClass: 'TypeError', cause: 'application', count: 5, messageIds: { length: 5 } },
        { errorClass: 'RangeError', count: 1 },
      ],
      isTruncated: false,
    });
    for (const ask of [() => service.list(dlq, { selector: 'n >' }), () => service.sendBack({ queue: dlq, selector: 'n >' })]) {
      const end = ask();
      await expect(end).rejects.toThrow(BrokerError);
      await expect(end).rejects.toThrow(`the broker refused the subscription with the selector "n >": n >; correct the selector`);
    }
  });

  it('shows one with its headers and its body', async () => {
    const { service, bury, dlq } = await morgue(bench);
    await bury({ id: 7 });
    const [listed] = (await service.list(dlq)).deadLetters;
    const details = await service.inspect(listed!.messageId, dlq);
    expect(details).toMatchObject(listed!);
    expect(details?.message.payload).toEqual({ id: 7 });
    expect(details?.message.headers['region']).toBe('EU');
    expect(await service.inspect(`ID:nobody'; OR 1=1 --`, dlq)).toBeUndefined();
  });

  it('sends one back as it was: identity and trace kept, the death forgotten', async () => {
    const { jms, service, bury, dlq, queue, observer } = await morgue(bench);
    await bury(
      { id: 7 },
      { groupId: 'g1', priority: '7', type: 'order', expires: String(Date.now() + 3_600_000), scheduledJobId: 'ID:job' },
    );
    const { messageId } = (await service.list(dlq)).deadLetters[0]!;
    expect(await service.sendBack({ messageId, queue: dlq })).toEqual({
      done: 1,
      gone: 0,
      held: 0,
      failed: 0,
      unknown: 0,
      isDryRun: false,
      failures: [],
      stopped: undefined,
      isTruncated: false,
    });
    expect(await observer.bodies(dlq)).toEqual([]);
    const message = await jms.receive(queue);
    expect(message).toMatchObject({
      payload: { id: 7 },
      idempotencyKey: 'key-1',
      correlationId: 'c-1',
      priority: 7,
      type: 'order',
      expiration: 0,
    });
    expect(message?.headers).toMatchObject({
      region: 'EU',
      traceparent: OURS.traceparent,
      originalMessageId: 'ID:original-1',
      persistent: 'true',
    });
    for (const gone of [
      'deadLetterReason',
      'deadLetterErrorClass',
      'deadLetterErrorMessage',
      'deliveryCount',
      'firstFailedAt',
      'lastFailedAt',
    ])
      expect(message?.headers).not.toHaveProperty(gone);
    for (const gone of ['originalDestination', 'listenerId', 'application', 'scheduledJobId'])
      expect(message?.headers).not.toHaveProperty(gone);
    expect(message?.redelivered).toBe(false);
    expect(counts(await service.sendBack({ messageId, queue: dlq }))).toEqual({ done: 0, gone: 1, failed: 0 });
  });

  it('sends back by selector, by filter, up to a limit, elsewhere; a dry run only tells', async () => {
    const { service, buryMany, dlq, queue, sorted, observer } = await morgue(bench);
    await buryMany(10);
    expect(await service.sendBack({ queue: dlq, all: true }, { dryRun: true })).toMatchObject({ done: 10, isDryRun: true });
    expect(counts(await service.sendBack({ queue: dlq, selector: 'n >= 8' }))).toEqual({ done: 2, gone: 0, failed: 0 });
    const filter = ({ bodySize, attempts }: { bodySize: number; attempts?: number | undefined }) => bodySize === 1 && attempts === 7;
    expect(await service.sendBack({ queue: dlq, filter }, { limit: 3, to: `${queue}.elsewhere` })).toMatchObject({
      done: 3,
      stopped: 'limit',
    });
    expect(await sorted(`${queue}.elsewhere`)).toHaveLength(3);
    const seen: number[] = [];
    const began = performance.now();
    const report = await service.sendBack(
      { queue: dlq, all: true },
      { throttle: 50, onProgress: ({ done, deadLetter }) => void (deadLetter.errorClass === 'TypeError' && seen.push(done)) },
    );
    expect(performance.now() - began).toBeGreaterThan(79);
    expect([counts(report), seen]).toEqual([{ done: 5, gone: 0, failed: 0 }, [1, 2, 3, 4, 5]]);
    expect(await observer.bodies(dlq)).toEqual([]);
    expect(await sorted(queue)).toHaveLength(7);
  });

  it('stops at its signal, and goes on where it ended', async () => {
    const { service, buryMany, dlq, queue, sorted } = await morgue(bench);
    await buryMany(20);
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => void (done === 6 && stop.abort());
    expect(await service.sendBack({ queue: dlq, all: true }, { signal: stop.signal, onProgress })).toMatchObject({
      done: 6,
      stopped: 'aborted',
    });
    expect((await sorted(dlq)).length + (await sorted(queue)).length).toBe(20);
    expect(await service.sendBack({ queue: dlq, all: true })).toMatchObject({ done: 14 });
    expect(await sorted(queue)).toEqual(numbers(20));
  });

  it('deletes one, some or all', async () => {
    const { service, buryMany, dlq, sorted } = await morgue(bench);
    await buryMany(6);
    const { messageId } = (await service.list(dlq, { selector: 'n = 3' })).deadLetters[0]!;
    expect(counts(await service.delete({ messageId, queue: dlq }))).toEqual({ done: 1, gone: 0, failed: 0 });
    expect(await sorted(dlq)).toEqual([0, 1, 2, 4, 5]);
    expect(await service.delete({ queue: dlq, selector: 'n < 2' }, { dryRun: true })).toMatchObject({ done: 2 });
    expect(await service.delete({ queue: dlq, selector: 'n < 2' })).toMatchObject({ done: 2 });
    expect(await service.delete({ queue: dlq, all: true }, { limit: 1 })).toMatchObject({ done: 1, stopped: 'limit' });
    expect(await service.delete({ queue: dlq, all: true })).toMatchObject({ done: 2, stopped: undefined });
    expect(await sorted(dlq)).toEqual([]);
  });

  it('leaves what cannot go back where it is, says why, and goes on with the rest', async () => {
    const { service, bury, dlq, queue, sorted, observer } = await morgue(bench);
    const bad: [string, Record<string, string>][] = [
      ['nothing tells where it came from', { originalDestination: '' }],
      ['where it came from is no destination', { originalDestination: '/nowhere/x' }],
      ['which is a dead letter queue itself', { originalDestination: 'queue://ActiveMQ.DLQ' }],
      ['which is a dead letter queue itself', { originalDestination: `queue://${dlq}` }],
      ['it went to several destinations', { originalDestination: 'queue://a,queue://b' }],
      ['every subscriber', { originalDestination: 'topic://prices' }],
      ['a wildcard', { originalDestination: 'queue://orders.>' }],
      ['The broker refused: temp-queue', { originalDestination: 'temp-queue://ID:gone-1-1:1:1' }],
    ];
    for (const [, headers] of bad) {
      await bury(-1, headers);
      await bury(1);
    }
    const report = await service.sendBack({ queue: dlq, all: true });
    expect(counts(report)).toEqual({ done: bad.length, gone: 0, failed: bad.length });
    const reasons = report.failures.map(({ reason }) => reason).join('\n');
    for (const [why] of bad) expect(reasons).toContain(why.replace('a wildcard', 'several destinations'));
    expect(await sorted(queue)).toHaveLength(bad.length);
    expect(await observer.bodies(dlq)).toHaveLength(bad.length);
    expect(await service.sendBack({ queue: dlq, filter: () => true }, { dryRun: true })).toMatchObject({ done: 1, failed: bad.length - 1 });
    expect(await service.sendBack({ queue: dlq, filter: () => true }, { to: queue })).toMatchObject({ done: bad.length });
  });

  it('takes hostile headers and large bodies', async () => {
    const { jms, service, bury, dlq, queue, observer } = await morgue(bench);
    await bury('x', { ['__proto__']: 'evil', hasOwnProperty: 'no', "qu'ote": "it's", deadLetterErrorMessage: `a\r\n${'x'.repeat(5_000)}` });
    const [letter] = (await service.list(dlq)).deadLetters;
    expect(letter?.errorMessage).toMatch(/^a x{900,}$/);
    const large = 'y'.repeat(10 * 1024 * 1024);
    for (let n = 0; n < 3; n++) await observer.send(dlq, large, { originalDestination: `queue://${queue}` });
    expect(await service.sendBack({ queue: dlq, all: true })).toMatchObject({ done: 4, failed: 0 });
    const message = await jms.receive(queue);
    expect(Object.entries(message!.headers)).toContainEqual(['__proto__', 'evil']);
    expect(message?.headers).toMatchObject({ hasOwnProperty: 'no', "qu'ote": "it's" });
    expect((await jms.receive(queue))?.body.length).toBe(large.length);
    expect(await observer.bodies(dlq)).toEqual([]);
  });

  it.each([
    [{}, 'choose dead letters by exactly one of'],
    [{ all: true, messageId: 'ID:1' }, 'choose dead letters by exactly one of'],
    [{ all: false }, 'choose dead letters by exactly one of'],
    [{ messageID: 'ID:1' }, 'Did you mean `messageId`?'],
    [{ all: true, queue: 'topic://x' }, 'Dead letters lie on one queue'],
    [{ all: true, queue: 'DLQ.>' }, 'Dead letters lie on one queue'],
    [{ filter: 'x' }, '`filter` must be a function'],
  ])('refuses the selection %o', async (selection, why) => {
    const { service } = await morgue(bench);
    await expect(service.sendBack(selection as never)).rejects.toThrow(why);
    await expect(service.delete(selection as never)).rejects.toThrow(why);
  });

  it('refuses options that cannot be, and to send back to where they lie', async () => {
    const { service, dlq } = await morgue(bench);
    const all = { all: true, queue: dlq };
    await expect(service.sendBack(all, { to: dlq })).rejects.toThrow('where they lie already');
    await expect(service.sendBack(all, { to: 'a,b' })).rejects.toThrow('`to` is one destination');
    await expect(service.sendBack(all, { limit: 0 })).rejects.toThrow('`limit` is 0');
    await expect(service.sendBack(all, { throttle: 0 })).rejects.toThrow('`throttle` is 0');
    await expect(service.delete(all, { to: 'x' } as never)).rejects.toThrow('unknown option `to`');
    await expect(service.list(dlq, { limt: 4 } as never)).rejects.toThrow('Did you mean `limit`?');
  });
});
