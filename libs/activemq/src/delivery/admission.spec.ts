import { expect, it, vi } from 'vitest';

import { BatchAdmission } from './admission.js';
import { fakeDelivery, inFlightOf } from './delivery.fixture.js';
import { WaitingMessages } from './waiting-messages.js';

function bench() {
  const due: (() => void)[] = [];
  const cleared = vi.fn();
  const timers = { now: () => 0, setTimeout: (callback: () => void) => due.push(callback), clearTimeout: cleared };
  const onDue = vi.fn();
  const settings = { size: 2, concurrency: 1, timeout: 100, timers, onDue, handler: () => Promise.resolve(), prepare: () => undefined };
  return { admission: new BatchAdmission(settings), waiting: new WaitingMessages(false), due, cleared, onDue };
}

it('gives an incomplete batch its full time again when what it waited with was taken back', () => {
  const { admission, waiting, due, onDue } = bench();
  const first = fakeDelivery({ 'message-id': '1' });
  waiting.add(inFlightOf(first));
  expect([admission.admit(waiting), due.length]).toEqual([[], 1]);
  first.lose();
  waiting.dropVoid();
  due[0]!();
  expect([onDue.mock.calls.length, admission.admit(waiting)]).toEqual([1, []]);
  const second = inFlightOf(fakeDelivery({ 'message-id': '2' }));
  waiting.add(second);
  expect([admission.admit(waiting), due.length]).toEqual([[], 2]);
  due[1]!();
  expect(admission.admit(waiting)).toEqual([second]);
});

it('lets go of its timer when nothing waits any more', () => {
  const { admission, waiting, cleared } = bench();
  const first = fakeDelivery();
  waiting.add(inFlightOf(first));
  admission.admit(waiting);
  first.lose();
  waiting.dropVoid();
  admission.admit(waiting);
  expect(cleared).toHaveBeenCalledTimes(1);
});
