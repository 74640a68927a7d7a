import { describe, expect, it } from 'vitest';
import { isOpenWireGreeting, mayBecomeOpenWireGreeting } from './frame-openwire.js';

const GREETING = Buffer.from('000000f0014163746976654d5100000001', 'hex');

describe('isOpenWireGreeting', () => {
  it('knows the first 13 bytes of a WireFormatInfo', () => {
    expect(isOpenWireGreeting(GREETING)).toBe(true);
    expect(isOpenWireGreeting(GREETING.subarray(0, 13))).toBe(true);
  });

  it('waits for 13 bytes', () => {
    for (let length = 1; length < 13; length++) {
      expect(isOpenWireGreeting(GREETING.subarray(0, length))).toBe(false);
      expect(mayBecomeOpenWireGreeting(GREETING.subarray(0, length))).toBe(true);
    }
  });

  it.each([0, 1, 4, 5, 12])('takes nothing else for it: byte %i', (at) => {
    const other = Buffer.from(GREETING);
    other[at] = 0x7f;
    expect(isOpenWireGreeting(other)).toBe(false);
    expect(mayBecomeOpenWireGreeting(other.subarray(0, at + 1))).toBe(false);
  });
});
