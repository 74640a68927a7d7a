import 'reflect-metadata';
import { DeadLetterService } from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { describeOnBoth } from './receiving.fixture.js';

const COUNT = 1_100;
/** Small messages of which the broker keeps no more than it must: then it shows 400 to a browser, its `maxBrowsePageSize`. */
const TIGHT = { queue: 'DLQ.tight.>', attributes: { memoryLimit: '1mb' } };
const WIDE = { queue: 'DLQ.wide.>', attributes: { memoryLimit: '1mb', maxBrowsePageSize: 5_000 } };

describeOnBoth(
  'dead letters of which the broker shows 400',
  (bench) => {
    const fill = async (dlq: string, queue: string) => {
      const client = await bench.client();
      for (let n = 0; n < COUNT; n += 100) {
        const headers = { originalDestination: `queue://${queue}` };
        await Promise.all(Array.from({ length: 100 }, (_, i) => client.send(dlq, String(n + i), { ...headers, n: String(n + i) })));
      }
      return client;
    };

    it('says so, and sends all of them back all the same: what is settled makes room to see further', async () => {
      const [app, dlq, queue] = [await bench.app(), `DLQ.tight.${bench.queue()}`, bench.queue()];
      await fill(dlq, queue);
      const service = app.get(DeadLetterService);
      const { deadLetters, isTruncated } = await service.list(dlq, { limit: 10_000 });
      expect([deadLetters.length, isTruncated]).toEqual([400, true]);
      // A choice sees as far as there is memory, which the embedded broker always has, and says that there may be more.
      const choice = await service.sendBack({ queue: dlq, selector: `n = ${COUNT - 1}` });
      expect(choice.isTruncated).toBe(true);
      const report = await service.sendBack({ queue: dlq, all: true });
      expect(report).toMatchObject({ done: COUNT - choice.done, failed: 0, gone: 0, isTruncated: false });
      expect((await service.list(dlq)).deadLetters).toEqual([]);
      expect(await app.jms.receiveSelected(queue, 'n = 0', { timeout: -1 })).toBeDefined();
    });

    it('sends the chosen ones back as far as it sees, and further when those before them are out of the way', async () => {
      const [app, dlq, queue] = [await bench.app(), `DLQ.tight.${bench.queue()}`, bench.queue()];
      await fill(dlq, queue);
      const service = app.get(DeadLetterService);
      const filter = { queue: dlq, selector: 'n < 1000' };
      expect(await service.sendBack(filter)).toMatchObject({ done: 1_000, isTruncated: false });
    });

    it('shows more where the policy has a larger maxBrowsePageSize, as far as the memory of the queue goes', async () => {
      const [app, dlq, queue] = [await bench.app(), `DLQ.wide.${bench.queue()}`, bench.queue()];
      await fill(dlq, queue);
      const { deadLetters } = await app.get(DeadLetterService).list(dlq, { limit: 10_000 });
      expect(deadLetters.length).toBeGreaterThan(400);
    });
  },
  {
    real: { broker: { policyEntries: [TIGHT, WIDE] } },
    // The embedded broker has all its messages in memory, so that only the page size counts.
    embedded: {
      destinationPolicy: [
        { queue: TIGHT.queue, maxBrowsePageSize: 400 },
        { queue: WIDE.queue, maxBrowsePageSize: 5_000 },
      ],
    },
  },
);
