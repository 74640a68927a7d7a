import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Tally } from './tally.js';

describe('Tally', () => {
  let tally: Tally;
  beforeEach(() => {
    tally = new Tally();
  });

  it('counts a message that is confirmed and not handled as lost, until it is handled', () => {
    tally.sending('a', 'before');
    tally.confirmed('a');
    expect(tally.countsOf('before')).toEqual({ confirmed: 1, handled: 0, lost: 1, duplicated: 0 });
    expect(tally.missing).toEqual(['a']);
    tally.handled('a');
    expect(tally.countsOf('before')).toEqual({ confirmed: 1, handled: 1, lost: 0, duplicated: 0 });
    expect(tally.missing).toEqual([]);
  });

  it('knows no loss of what was handled before the confirmation came, or never confirmed', () => {
    tally.sending('a', 'before');
    tally.handled('a');
    expect(tally.countsOf('before')).toEqual({ confirmed: 0, handled: 1, lost: 0, duplicated: 0 });
    tally.confirmed('a');
    tally.sending('b', 'before');
    expect(tally.countsOf('before')).toEqual({ confirmed: 1, handled: 1, lost: 0, duplicated: 0 });
  });

  it('counts each handler run beyond the first', () => {
    tally.sending('a', 'before');
    tally.confirmed('a');
    for (let runs = 0; runs < 3; runs++) tally.handled('a');
    expect(tally.countsOf('before')).toEqual({ confirmed: 1, handled: 1, lost: 0, duplicated: 2 });
  });

  it('counts late news in the stage of the send, and adds stages up', () => {
    tally.sending('a', 'before');
    tally.sending('b', 'during');
    tally.confirmed('b');
    tally.confirmed('a');
    tally.handled('a');
    expect(tally.countsOf('before')).toEqual({ confirmed: 1, handled: 1, lost: 0, duplicated: 0 });
    expect(tally.countsOf('before', 'during', 'after')).toEqual({ confirmed: 2, handled: 1, lost: 1, duplicated: 0 });
  });

  it('tells each change', () => {
    const onChange = vi.fn<() => void>();
    tally.on('change', onChange);
    tally.sending('a', 'before');
    tally.confirmed('a');
    tally.handled('a');
    expect(onChange).toHaveBeenCalledTimes(2);
  });

  it('refuses a message that is not of this run', () => {
    expect(() => tally.handled('stranger')).toThrow("the key 'stranger'");
  });
});
