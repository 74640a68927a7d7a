import { expect, it } from 'vitest';

import { fakeDelivery, inFlightOf } from './delivery.fixture.js';
import { scheduledCopyHeaders } from './scheduled-copy.js';

const copyOf = (headers: Readonly<Record<string, string>>) => scheduledCopyHeaders(inFlightOf(fakeDelivery(headers)).message, 5, {});

it('names the first message through copies of copies, so that two of them are known for one', () => {
  expect(copyOf({})).toMatchObject({ originalMessageId: 'ID:1', idempotencyKey: 'ID:1', AMQ_SCHEDULED_DELAY: '5' });
  expect(copyOf({ originalMessageId: 'ID:0' })).toMatchObject({ originalMessageId: 'ID:0', idempotencyKey: 'ID:0' });
  expect(copyOf({ originalMessageId: 'ID:0', idempotencyKey: 'k' })).toMatchObject({ originalMessageId: 'ID:0', idempotencyKey: 'k' });
});

it('tells nothing of a former death, when the message was moved back by hand: its attempts begin anew', () => {
  const copy = copyOf({ deadLetterReason: 'no', deliveryCount: '7', firstFailedAt: '1', deadLetterErrorClass: 'Error', color: 'red' });
  expect(Object.keys(copy).filter((name) => /dead|count|failed/i.test(name) && copy[name] !== undefined)).toEqual([]);
  expect(copy['color']).toBe('red');
});
