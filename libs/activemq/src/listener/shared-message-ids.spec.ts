import { expect, it, vi } from 'vitest';

import { fakeDelivery } from '../delivery/delivery.fixture.js';
import { deliveryKey } from '../delivery/in-flight-message.js';
import { SharedMessageIds } from './shared-message-ids.js';

function bench() {
  const unsettled = new Set<string>();
  const onShared = vi.fn();
  const ids = new SharedMessageIds({ isUnsettled: (key) => unsettled.has(key), onShared });
  const deliver = (id: string, destination: string) => {
    const delivery = fakeDelivery({ 'message-id': id, destination });
    ids.see(delivery);
    unsettled.add(deliveryKey(delivery));
    return () => unsettled.delete(deliveryKey(delivery));
  };
  return { deliver, onShared };
}

it('tells the first time that two unsettled messages share their id', () => {
  const { deliver, onShared } = bench();
  for (const id of ['1', '2']) for (const queue of ['/queue/x.a', '/queue/x.b']) deliver(id, queue);
  expect(onShared).toHaveBeenCalledExactlyOnceWith('/queue/x.b', '/queue/x.a');
});

it('says nothing of a copy that comes when the other one is settled, or of a message that comes again', () => {
  const { deliver, onShared } = bench();
  deliver('1', '/queue/x.a')();
  deliver('1', '/queue/x.b');
  deliver('1', '/queue/x.b');
  expect(onShared).not.toHaveBeenCalled();
});

it('remembers what is not settled, and only that, however many come', () => {
  const { deliver, onShared } = bench();
  deliver('old', '/queue/x.a');
  for (let n = 0; n < 1_000; n++) deliver(String(n), '/queue/x.a')();
  deliver('old', '/queue/x.b');
  expect(onShared).toHaveBeenCalledTimes(1);
});
