import { describe, expect, it } from 'vitest';

import type { Attempt } from './attempt-log.js';
import type { Combination } from './combination.js';
import { accused, type Crash, judge, type MessageStory } from './verdict.js';

const LOCAL: Combination = { mode: 'local', strategy: 'shared', ack: 'auto' };
const SCHEDULED: Combination = { ...LOCAL, mode: 'scheduled' };

/** Attempts by these processes at 1, 2, 3 ...; the last one may be handled. */
const attemptsBy = (processes: readonly number[], isHandled = false): readonly Attempt[] =>
  processes.map((by, index) => ({ by, at: index + 1, count: index + 1, isHandled: isHandled && index === processes.length - 1 }));

/** Message 0 fails always, number 3 never. */
const story = (more: Partial<MessageStory>): MessageStory => ({
  n: 0,
  sentAt: 0,
  attempts: attemptsBy([1, 1, 1]),
  deadLetters: 1,
  elsewhere: 0,
  ...more,
});
const socketAt = (at: number): Crash => ({ kind: 'socket', at });

describe('judge', () => {
  it('finds nothing wrong with one end each', () => {
    const handled = story({ n: 3, attempts: attemptsBy([1], true), deadLetters: 0 });
    expect(judge(LOCAL, [story({}), handled], [])).toMatchObject({ handled: 1, deadLettered: 1, lost: 0, twoPlaces: 0, overLimit: 0 });
  });

  it('calls a message without an end lost, unless it was discarded after its attempts', () => {
    expect(judge(LOCAL, [story({ deadLetters: 0 })], [])).toMatchObject({ lost: 1 });
    const discarding: Combination = { ...LOCAL, strategy: 'discarding' };
    expect(judge(discarding, [story({ deadLetters: 0 })], [])).toMatchObject({ lost: 0, discarded: 1 });
    expect(judge(discarding, [story({ deadLetters: 0, attempts: attemptsBy([1]) })], [])).toMatchObject({ lost: 1, discarded: 0 });
  });

  it('finds two places: two dead letters, a dead letter of what was handled, a wrong queue, what could have been handled', () => {
    const wrong = [
      story({ deadLetters: 2 }),
      story({ n: 3, attempts: attemptsBy([1], true) }),
      story({ elsewhere: 1, deadLetters: 0 }),
      story({ n: 3, attempts: [] }),
    ];
    expect(wrong.map((one) => judge(LOCAL, [one], []).twoPlaces)).toEqual([1, 1, 1, 1]);
  });

  it('counts what a transacted handler sent, not what it tried', () => {
    const transacted: Combination = { ...LOCAL, ack: 'transacted' };
    const tried = story({ n: 3, attempts: attemptsBy([1, 1], true), deadLetters: 0 });
    expect(judge(transacted, [{ ...tried, sent: 1 }], [])).toMatchObject({ handled: 1, lost: 0, twoPlaces: 0 });
    expect(judge(transacted, [{ ...tried, sent: 0 }], [])).toMatchObject({ lost: 1 });
    expect(judge(transacted, [{ ...tried, sent: 2 }], [])).toMatchObject({ twoPlaces: 1 });
  });

  it('finds two places also where the crash-loop guard gave up what was handled', () => {
    const places = [{ place: 'ActiveMQ.DLQ', reason: 'it has ended 4 consumers, at least 3 more than any other message of its queue' }];
    const handled = story({ n: 3, attempts: attemptsBy([1, 2], true), places });
    const ended = [1, 2, 3].map((at): Crash => ({ kind: 'stop', at }));
    expect(judge(LOCAL, [handled], ended)).toMatchObject({ twoPlaces: 1 });
  });

  it('excuses a second copy in mode scheduled only, and only where there was a crash', () => {
    const twice = story({ deadLetters: 2 });
    expect(judge(SCHEDULED, [twice], [socketAt(1)])).toMatchObject({ twoPlaces: 0, duplicates: 1 });
    expect(judge(SCHEDULED, [twice], [])).toMatchObject({ twoPlaces: 1, duplicates: 0 });
    expect(judge(LOCAL, [twice], [socketAt(1)])).toMatchObject({ twoPlaces: 1, duplicates: 0 });
  });

  it('allows one more attempt for each crash, and a count of its own to each process that died', () => {
    const four = story({ attempts: attemptsBy([1, 1, 1, 1]) });
    expect([judge(LOCAL, [four], []).overLimit, judge(LOCAL, [four], [socketAt(2)]).overLimit]).toEqual([1, 0]);
    const restarted = story({ attempts: attemptsBy([1, 1, 1, 2, 2, 2]) });
    expect(judge(LOCAL, [restarted], [])).toMatchObject({ overLimit: 1 });
    expect(judge(LOCAL, [restarted], [{ kind: 'consumer', at: 3 }])).toMatchObject({ overLimit: 0, recounted: 1 });
  });

  it('takes no count above the limit in mode scheduled, however many crashes', () => {
    const crashes = [1, 2, 3, 4].map(socketAt);
    expect(judge(SCHEDULED, [story({ attempts: attemptsBy([1, 1, 1, 1]) })], crashes)).toMatchObject({ overLimit: 1 });
  });

  it('accuses the messages that did not end as they should, and no others', () => {
    expect(accused(LOCAL, [story({}), story({ n: 5, deadLetters: 0 }), story({ n: 10, deadLetters: 2 })], [])).toEqual([
      expect.stringMatching(/^lost: .*"n":5/),
      expect.stringMatching(/^twoPlaces: .*"n":10/),
    ]);
  });
});
