import { describe, expect, it } from 'vitest';

import { IsolationGate } from './isolation-gate.js';

const never = () => undefined;
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function note(log: string[], name: string, entered: Promise<void> | undefined): void {
  if (!entered) log.push(name);
  else
    void entered.then(
      () => log.push(name),
      () => log.push(`${name} gave up`),
    );
}

describe('IsolationGate', () => {
  it('lets in everybody while nobody wants to be alone', () => {
    const gate = new IsolationGate();
    expect([gate.together(never), gate.together(never)]).toEqual([undefined, undefined]);
  });

  it('lets those who want to be alone in one by one, and the others after them', async () => {
    const gate = new IsolationGate();
    const log: string[] = [];
    note(log, 'first', gate.together(never));
    note(log, 'alone 1', gate.alone(never));
    note(log, 'alone 2', gate.alone(never));
    note(log, 'third', gate.together(never));
    note(log, 'fourth', gate.together(never));
    await settled();
    expect(log).toEqual(['first']);
    for (const expected of [['alone 1'], ['alone 2'], ['third', 'fourth']]) {
      log.length = 0;
      gate.leave();
      await settled();
      expect(log).toEqual(expected);
    }
    gate.leave();
    gate.leave();
    expect(gate.together(never)).toBeUndefined();
  });

  it('lets in at once who is alone already', async () => {
    const gate = new IsolationGate();
    await gate.alone(never);
    gate.leave();
    expect(gate.together(never)).toBeUndefined();
  });

  it('forgets who gives up waiting to be alone, and lets the others in', async () => {
    const gate = new IsolationGate();
    const log: string[] = [];
    const abort = new AbortController();
    note(log, 'first', gate.together(never));
    note(
      log,
      'alone',
      gate.alone(() => abort.signal),
    );
    note(log, 'second', gate.together(never));
    abort.abort(new Error('too late'));
    await settled();
    expect(log).toEqual(['first', 'alone gave up', 'second']);
  });

  it('forgets who gives up waiting for company', async () => {
    const gate = new IsolationGate();
    const log: string[] = [];
    const abort = new AbortController();
    await gate.alone(never);
    note(
      log,
      'second',
      gate.together(() => abort.signal),
    );
    note(log, 'third', gate.together(never));
    abort.abort(new Error('too late'));
    await settled();
    expect(log).toEqual(['second gave up']);
    gate.leave();
    await settled();
    expect(log).toEqual(['second gave up', 'third']);
    gate.leave();
    note(log, 'alone', gate.alone(never));
    await settled();
    expect(log.at(-1)).toBe('alone');
  });

  it('lets nobody wait whose time is over already', async () => {
    const gate = new IsolationGate();
    const over = () => AbortSignal.abort(new Error('too late'));
    await gate.alone(never);
    await expect(gate.together(over)).rejects.toThrow('too late');
    await expect(gate.alone(over)).rejects.toThrow('too late');
    gate.leave();
    expect(gate.together(never)).toBeUndefined();
  });
});
