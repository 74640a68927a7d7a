import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { DeadLetterService, JmsListener, NonRetryableError, SharedDeadLetterStrategy } from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { morgue, numbers } from './morgue.fixture.js';
import { describeOnBoth } from './receiving.fixture.js';

describeOnBoth('DeadLetterService among others, and when something dies', (bench) => {
  it('lets two operators work at once: each dead letter goes back once', async () => {
    const { service, buryMany, dlq, queue, sorted } = await morgue(bench);
    const other = (await bench.app()).get(DeadLetterService);
    await buryMany(60);
    const reports = await Promise.all([
      service.sendBack({ queue: dlq, all: true }),
      other.sendBack({ queue: dlq, selector: 'n >= 0' }),
      other.sendBack({ queue: dlq, all: true }),
    ]);
    expect(reports.reduce((sum, { done }) => sum + done, 0)).toBe(60);
    expect(await sorted(queue)).toEqual(numbers(60));
  });

  it('sends each back once although they die again at once', async () => {
    const { buryMany, dlq, queue, sorted, service } = await morgue(bench);
    const { DeadLetterAgain, attempts } = listenerThatFails(queue);
    await bench.app({ listeners: {} }, bench.port(), [DeadLetterAgain(dlq)]);
    await buryMany(30);
    expect(await service.sendBack({ queue: dlq, all: true })).toMatchObject({ done: 30, failed: 0 });
    await expect.poll(() => sorted(dlq), { timeout: 15_000 }).toEqual(numbers(30));
    expect(attempts()).toBe(30);
    expect(await service.sendBack({ queue: dlq, filter: () => true }, { limit: 5 })).toMatchObject({ done: 5 });
  });

  it('leaves every dead letter in exactly one place when connections are cut in the middle, and goes on', async () => {
    const { buryMany, dlq, queue, sorted } = await morgue(bench);
    const proxy = await bench.proxy();
    const service = (await bench.app({}, proxy.port)).get(DeadLetterService);
    await buryMany(150);
    let next = 10;
    const report = await service.sendBack(
      { queue: dlq, all: true },
      {
        onProgress: ({ done }) => {
          if (done < next) return;
          next += 25;
          // Anywhere in the next transaction.
          setTimeout(() => proxy.cut(), Math.random() * 3);
        },
      },
    );
    expect(report).toMatchObject({ failed: 0, stopped: undefined });
    expect(await sorted(queue)).toEqual(numbers(150));
    expect(await sorted(dlq)).toEqual([]);
    // What was committed by a connection that is lost at that moment may be found gone too early to be counted.
    expect(report.done).toBeGreaterThan(140);
  });

  it('leaves every dead letter in exactly one place when the broker is killed in the middle, and goes on', async () => {
    const { buryMany, dlq, queue, service } = await morgue(bench);
    await buryMany(100);
    let restarted: Promise<void> | undefined;
    const onProgress = ({ done }: { done: number }) => {
      if (done === 20) restarted = bench.killAndRestart();
    };
    const report = await service.sendBack({ queue: dlq, all: true }, { onProgress });
    await restarted;
    expect(report).toMatchObject({ failed: 0, stopped: undefined });
    const observer = await bench.client();
    const back = (await observer.bodies(queue)).map(Number).sort((a, b) => a - b);
    expect([back, await observer.bodies(dlq)]).toEqual([numbers(100), []]);
  });
});

/** A listener whose messages die at once, to a queue of the test. */
function listenerThatFails(queue: string) {
  let attempts = 0;
  const DeadLetterAgain = (dlq: string) => {
    @Injectable()
    class Failing {
      @JmsListener({ destination: queue, deadLetter: new SharedDeadLetterStrategy({ deadLetterQueue: dlq }) })
      handle(): void {
        attempts++;
        throw new NonRetryableError('again');
      }
    }
    return Failing;
  };
  return { DeadLetterAgain, attempts: () => attempts };
}
