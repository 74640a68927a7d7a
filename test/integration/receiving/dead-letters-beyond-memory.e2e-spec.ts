import 'reflect-metadata';
import { DeadLetterService } from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { describeOnBoth, type ReceivingBench } from './receiving.fixture.js';

const COUNT = 3_000;
const BODY = 'x'.repeat(1_500);

async function fill(bench: ReceivingBench, dlq: string, count: number, headers: (n: number) => Record<string, string>, body = 'x') {
  const client = await bench.client();
  for (let first = 0; first < count; first += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, i) => client.send(dlq, body, headers(first + i))));
  }
}

describeOnBoth('dead letters behind others', (bench) => {
  const morgue = async () => {
    const [app, dlq] = [await bench.app(), `DLQ.${bench.queue()}`];
    await fill(bench, dlq, 1_000, (n) => ({ n: String(n), cls: n % 2 ? 'odd' : 'even' }));
    return { service: app.get(DeadLetterService), dlq };
  };

  it('are found by a selector further back than the broker looks for it by itself', async () => {
    const { service, dlq } = await morgue();
    const { deadLetters, isTruncated } = await service.list(dlq, { selector: 'n = 999' });
    expect([deadLetters.length, isTruncated]).toEqual([1, false]);
  });

  it('are deleted before anybody has looked at the queue', async () => {
    const { service, dlq } = await morgue();
    expect(await service.delete({ queue: dlq, selector: 'n = 998' })).toMatchObject({ done: 1, gone: 0, isTruncated: false });
  });

  it('are all reached by a selector, when those that do not match stay in front', async () => {
    const { service, dlq } = await morgue();
    expect(await service.delete({ queue: dlq, selector: "cls = 'odd'" })).toMatchObject({
      done: 500,
      gone: 0,
      failed: 0,
      isTruncated: false,
    });
    expect(await service.list(dlq, { limit: 10_000 })).toMatchObject({ deadLetters: { length: 500 }, isTruncated: false });
  });

  it('are held, not gone, while another consumer has them', async () => {
    const { service, dlq } = await morgue();
    const holder = await (await bench.client()).take(dlq, 1);
    await expect.poll(() => holder.frames.length).toBe(1);
    expect(await service.delete({ queue: dlq, selector: 'n < 2' })).toMatchObject({ done: 1, gone: 0, held: 1 });
  });
});

const TIGHT = { queue: 'DLQ.tight.>', attributes: { memoryLimit: '1mb' } };

describeOnBoth(
  'dead letters that do not fit into the memory of their queue',
  (bench) => {
    it('are never said to be all of them', async () => {
      const [app, dlq] = [await bench.app(), `DLQ.tight.${bench.queue()}`];
      await fill(bench, dlq, COUNT, (n) => ({ cls: n % 2 ? 'odd' : 'even' }), BODY);
      const service = app.get(DeadLetterService);
      const selection = { queue: dlq, selector: "cls = 'odd'" };
      const first = await service.delete(selection);
      expect(first).toMatchObject({ gone: 0, failed: 0, isTruncated: true });
      expect(first.done).toBeGreaterThan(0);
      const again = await service.delete(selection);
      expect(again.isTruncated).toBe(true);
      const { deadLetters, isTruncated } = await service.list(dlq, { limit: 10_000 });
      expect(deadLetters.length).toBeLessThan(COUNT - first.done - again.done);
      expect(isTruncated).toBe(true);
      expect(await service.delete({ queue: dlq, all: true })).toMatchObject({ done: COUNT - first.done - again.done, isTruncated: false });
    });
  },
  { real: { broker: { policyEntries: [TIGHT] } }, embedded: { destinationPolicy: [{ queue: TIGHT.queue, maxBrowsePageSize: 336 }] } },
);
