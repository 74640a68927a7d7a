import { describe, expect, it } from 'vitest';

import { demoNumber, demoText } from './demo-protocol.js';
import { DemoTally } from './demo-tally.js';

describe('DemoTally', () => {
  it('counts a message that is confirmed, then handled', () => {
    const tally = new DemoTally(2);
    tally.sending();
    tally.confirmed(1);
    expect(tally.counts).toEqual({ sent: 1, confirmed: 1, consumed: 0, unique: 0, duplicates: 0, lost: 1 });
    tally.handled(1);
    expect(tally.counts).toEqual({ sent: 1, confirmed: 1, consumed: 1, unique: 1, duplicates: 0, lost: 0 });
  });

  it('counts a message that is handled before its confirmation arrives', () => {
    const tally = new DemoTally(1);
    tally.sending();
    tally.handled(1);
    tally.confirmed(1);
    expect(tally.counts).toMatchObject({ confirmed: 1, unique: 1, lost: 0 });
  });

  it('counts the second handling as a duplicate, which makes up for no lost one', () => {
    const tally = new DemoTally(2);
    for (const number of [1, 2]) tally.confirmed(number);
    for (const number of [1, 1]) tally.handled(number);
    expect(tally.counts).toMatchObject({ consumed: 2, unique: 1, duplicates: 1, lost: 1 });
  });

  it('does not call lost what was never confirmed', () => {
    const tally = new DemoTally(2);
    tally.sending();
    expect(tally.counts).toMatchObject({ sent: 1, confirmed: 0, lost: 0 });
  });

  it('refuses a number that was never sent', () => {
    expect(() => new DemoTally(2).handled(3)).toThrow('Message 3 was handled, but never sent in this run');
  });
});

describe('the texts', () => {
  it('are those of the tutorials', () => {
    expect(demoText(5)).toBe('cluster-queue-msg-5');
    expect(demoNumber('cluster-queue-msg-5')).toBe(5);
  });

  it.each(['cluster-queue-msg-0', 'cluster-queue-msg-', 'cluster-queue-msg-1e3', 'x cluster-queue-msg-1', 7, undefined])(
    'are told from %j',
    (text) => {
      expect(demoNumber(text)).toBeUndefined();
    },
  );
});
