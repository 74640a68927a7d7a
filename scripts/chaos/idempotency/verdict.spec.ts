import { describe, expect, it } from 'vitest';

import { Judge } from './verdict.js';

function judge(messages: number, journal: readonly string[], killed: readonly string[] = []) {
  const judge = new Judge(messages);
  for (const line of journal) judge.count(line.split(' '));
  for (const line of journal) judge.remember(line.split(' '));
  return judge.verdict((token) => killed.includes(token));
}

const CLEAN = { missing: 0, doubledOutsideWindow: 0, doubledInWindow: 0 };

describe('the verdict on a run', () => {
  it('is clean when each message has one side effect', () => {
    expect(judge(2, ['E 0 a', 'C 0 a completed', 'E 1 b', 'C 1 b completed'])).toEqual({ ...CLEAN, messages: 2, sideEffects: 2 });
  });

  it('sees what is missing', () => {
    expect(judge(2, ['E 0 a'])).toMatchObject({ sideEffects: 1, missing: 1 });
  });

  it('excuses a second side effect when the owner of the first was killed before it was recorded', () => {
    expect(judge(1, ['E 0 a', 'E 0 b', 'C 0 b completed'], ['a'])).toMatchObject({ doubledInWindow: 1, doubledOutsideWindow: 0 });
  });

  it.each(['lost', 'error', 'recreated'])('excuses it when the store answered %s', (answer) => {
    expect(judge(1, ['E 0 a', `C 0 a ${answer}`, 'E 0 b', 'C 0 b completed'])).toMatchObject({ doubledInWindow: 1 });
  });

  it('excuses nothing after a confirmed record, also of one that was killed later', () => {
    expect(judge(1, ['E 0 a', 'C 0 a completed', 'E 0 b', 'C 0 b completed'], ['a'])).toMatchObject({ doubledOutsideWindow: 1 });
  });

  it('excuses nothing when both owners live and nobody lost anything', () => {
    expect(judge(1, ['E 0 a', 'E 0 b', 'C 0 b completed'])).toMatchObject({ doubledOutsideWindow: 1 });
  });

  it('excuses one for each owner that died, and no more', () => {
    const journal = ['E 0 a', 'E 0 b', 'E 0 c', 'C 0 b completed', 'C 0 c completed'];
    expect(judge(1, journal, ['a'])).toMatchObject({ doubledInWindow: 1, doubledOutsideWindow: 1 });
  });

  it('never excuses one without a claim', () => {
    expect(judge(1, ['U 0', 'E 0 a', 'C 0 a completed'])).toMatchObject({ doubledOutsideWindow: 1 });
  });
});
