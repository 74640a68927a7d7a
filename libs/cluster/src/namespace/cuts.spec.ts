import { describe, expect, it } from 'vitest';
import { cutOf, parseRules } from './cuts.js';

/** What `ip -json rule` wrote, with a broker cut off from all, and a pair cut off from each other. */
const RULES = JSON.stringify([
  { priority: 0, src: 'all', table: 'local' },
  { priority: 100, src: '127.77.3.11', action: 'blackhole' },
  { priority: 100, src: 'all', dst: '127.77.3.11', action: 'blackhole' },
  { priority: 100, src: '127.77.3.13', dst: '127.77.3.12', action: 'blackhole' },
  { priority: 100, src: '127.77.3.12', dst: '127.77.3.13', action: 'blackhole' },
  { priority: 101, src: '127.77.3.14', action: 'blackhole' },
  { priority: 32_766, src: 'all', table: 'main' },
]);

describe('cuts', () => {
  it('are read from the rules of the router, each once, and no rule of somebody else', () => {
    expect(parseRules(RULES)).toEqual([
      { from: '127.77.3.11', to: undefined },
      { from: '127.77.3.12', to: '127.77.3.13' },
    ]);
  });

  it('are the same whichever of a pair is named first', () => {
    expect(cutOf('127.77.3.13', '127.77.3.12')).toEqual(cutOf('127.77.3.12', '127.77.3.13'));
  });
});
