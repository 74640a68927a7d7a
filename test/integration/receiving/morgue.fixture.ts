import { type DeadLetterReport, DeadLetterService } from 'nestjs-activemq';

import type { ReceivingBench } from './receiving.fixture.js';

/** Headers of a dead letter that a listener of this package made. */
export const OURS = {
  'content-type': 'application/json',
  idempotencyKey: 'key-1',
  'correlation-id': 'c-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  region: 'EU',
  deadLetterReason: 'maximumRedeliveries are used up',
  deadLetterErrorClass: 'TypeError',
  deadLetterErrorMessage: 'x is undefined',
  deliveryCount: '7',
  firstFailedAt: '1700000000000',
  lastFailedAt: '1700000009000',
  originalMessageId: 'ID:original-1',
  listenerId: 'orders',
  application: 'shop',
};

/** An application, a dead letter queue and a queue that letters came from, all of one test. */
export async function morgue(bench: ReceivingBench) {
  const [app, observer, dlq, queue] = [await bench.app(), await bench.client(), `DLQ.${bench.queue()}`, bench.queue()];
  const bury = (body: unknown, headers: Record<string, string> = {}) =>
    observer.send(dlq, JSON.stringify(body), { ...OURS, originalDestination: `queue://${queue}`, ...headers });
  const buryMany = async (count: number, headers: Record<string, string> = {}) => {
    await Promise.all(Array.from({ length: count }, (_, n) => bury(n, { n: String(n), ...headers })));
  };
  const service = app.get(DeadLetterService);
  const sorted = async (name: string) => (await observer.bodies(name)).map(Number).sort((a, b) => a - b);
  return { ...app, observer, dlq, queue, bury, buryMany, service, sorted };
}

/** 0, 1, 2 and so on. */
export const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
/** What a run has done, in numbers. */
export const counts = ({ done, gone, failed }: DeadLetterReport) => ({ done, gone, failed });
