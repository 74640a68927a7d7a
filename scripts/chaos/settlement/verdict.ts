import type { Attempt } from './attempt-log.js';
import { type Combination, failuresOf, LIMIT } from './combination.js';
import type { FaultKind } from './fault.js';

/** A fault that happened. */
export interface Crash {
  readonly kind: FaultKind;
  /** ms since 1970. */
  readonly at: number;
}

/** What is known of one message at the end. */
export interface MessageStory {
  readonly n: number;
  /** When it was sent, in ms since 1970. */
  readonly sentAt: number;
  readonly attempts: readonly Attempt[];
  /** Copies of it in the dead letter queue where it belongs. */
  readonly deadLetters: number;
  /** Copies of it in any other place. */
  readonly elsewhere: number;
  /** Where the copies lie, and why as they tell it; for those who look into what went wrong. */
  readonly places?: readonly { readonly place: string; readonly reason: string }[];
  /** Messages that its handler sent in a committed transaction; `undefined` when it is not transacted. */
  readonly sent?: number;
}

/** What the stories of one combination come to. */
export interface Verdict {
  readonly messages: number;
  /** Messages with an effect. */
  readonly handled: number;
  readonly deadLettered: number;
  /** Gave up without a dead letter, as the strategy says. */
  readonly discarded: number;
  /** Messages without any end. */
  readonly lost: number;
  /** Messages with more than one end, or in a place where they do not belong, but for `duplicates`. */
  readonly twoPlaces: number;
  /** Messages with more attempts than the limit and the crashes allow. */
  readonly overLimit: number;
  /** Messages of which there were two in mode `scheduled`: there a copy may be left beside its original, with the same `idempotencyKey`. */
  readonly duplicates: number;
  /** Messages whose effect was made again, because the acknowledgement of the first one got lost. */
  readonly again: number;
  readonly mostAttempts: number;
  /** Messages that lived through at least one crash before their last attempt. */
  readonly hit: number;
  /** Messages that the crash-loop guard gave up: consumers were killed with them, and with hardly any other, as often as there are attempts. */
  readonly blamed: number;
  /** Messages above the limit and the crashes, because a dead process took its count with it: mode `local` counts in the process. */
  readonly recounted: number;
}

/** ms in which an attempt may begin on a connection that is cut already: nobody has told the process yet. */
const UNNOTICED = 250;
/** ms within which the broker's plugin has delivered a message again, or given it up. */
const REDELIVERY = 3_000;

/** Judges the messages of one combination. */
export function judge(combination: Combination, stories: readonly MessageStory[], crashes: readonly Crash[]): Verdict {
  const verdict = { messages: stories.length, handled: 0, deadLettered: 0, discarded: 0, lost: 0, twoPlaces: 0, overLimit: 0 };
  const more = { duplicates: 0, again: 0, mostAttempts: 0, hit: 0, blamed: 0, recounted: 0 };
  for (const story of stories) {
    const { attempts, deadLetters, elsewhere, sent } = story;
    const effects = attempts.filter(({ isHandled }) => isHandled).length;
    const handled = sent ?? effects;
    const isBlamed = isBlamable(combination, story, crashes);
    const wasDiscarded = handled + deadLetters + elsewhere === 0 && (isDiscarded(combination, story, crashes) || isBlamed);
    if (isBlamed) more.blamed++;
    if (handled > 0) verdict.handled++;
    if (deadLetters > 0) verdict.deadLettered++;
    if (wasDiscarded) verdict.discarded++;
    if (handled + deadLetters + elsewhere === 0 && !wasDiscarded) verdict.lost++;
    if (effects > 1) more.again++;
    const isTwice = deadLetters > 1 || (sent ?? 0) > 1 || (handled > 0 && deadLetters > 0);
    const lived = crashesIn(story, crashes);
    if (lived > 0) more.hit++;
    const isCopied = combination.mode === 'scheduled' && lived > 0 && (isTwice || attempts.length > LIMIT + lived);
    if (isCopied) more.duplicates++;
    if (elsewhere > 0 || (isMisjudged(combination, story) && !isBlamed) || (isTwice && !isCopied)) verdict.twoPlaces++;
    if (isOverLimit(combination, story, crashes)) verdict.overLimit++;
    else if (combination.mode === 'local' && attempts.length > LIMIT + lived) more.recounted++;
    more.mostAttempts = Math.max(more.mostAttempts, attempts.length);
  }
  return { ...verdict, ...more };
}

/** The messages that did not end as they should, and by which rule. */
export function accused(combination: Combination, stories: readonly MessageStory[], crashes: readonly Crash[]): readonly string[] {
  return stories.flatMap((story) => {
    const { lost, twoPlaces, overLimit } = judge(combination, [story], crashes);
    const rules = Object.entries({ lost, twoPlaces, overLimit }).filter(([, count]) => count > 0);
    return rules.length === 0 ? [] : [`${rules.map(([rule]) => rule).join(', ')}: ${JSON.stringify(story)}`];
  });
}

/** The sum of several verdicts. */
export function total(verdicts: readonly Verdict[]): Verdict {
  const sum = (name: keyof Verdict) => verdicts.reduce((all, verdict) => all + verdict[name], 0);
  return {
    messages: sum('messages'),
    handled: sum('handled'),
    deadLettered: sum('deadLettered'),
    discarded: sum('discarded'),
    lost: sum('lost'),
    twoPlaces: sum('twoPlaces'),
    overLimit: sum('overLimit'),
    duplicates: sum('duplicates'),
    again: sum('again'),
    hit: sum('hit'),
    blamed: sum('blamed'),
    mostAttempts: Math.max(0, ...verdicts.map(({ mostAttempts }) => mostAttempts)),
    recounted: sum('recounted'),
  };
}

/** Nothing is left of a discarded message: it is one when its attempts are used up. The broker counts the death of a consumer as one too. */
function isDiscarded({ mode, strategy }: Combination, story: MessageStory, crashes: readonly Crash[]): boolean {
  if (strategy !== 'discarding' || failuresOf(story.n) === 0) return false;
  if (mode !== 'broker' && failuresOf(story.n) < LIMIT) return false;
  if (mode !== 'broker') return story.attempts.length >= LIMIT;
  // A death before the handler began, or between its end and the NACK, is no attempt here and one to the broker.
  const until = (story.attempts.at(-1)?.at ?? Infinity) + REDELIVERY;
  return story.attempts.length + crashes.filter(({ at }) => at >= story.sentAt && at <= until).length >= LIMIT;
}

/** Given up without its attempts, and consumers died so often while it was there. */
function isBlamable(
  { mode, strategy }: Combination,
  { n, sentAt, attempts, deadLetters }: MessageStory,
  crashes: readonly Crash[],
): boolean {
  if (mode === 'broker' || attempts.some(({ isHandled }) => isHandled) || attempts.length > failuresOf(n)) return false;
  if (attempts.length >= LIMIT || (deadLetters === 0 && strategy !== 'discarding')) return false;
  // To the broker a subscription that ended in an orderly way is a consumer that ended.
  return crashes.filter(({ kind, at }) => (kind === 'consumer' || kind === 'stop') && at >= sentAt).length >= LIMIT - 1;
}

/** A message that would have succeeded was given up. The broker counts deaths of consumers as attempts, so that this can be in mode `broker`. */
function isMisjudged({ mode }: Combination, { n, deadLetters }: MessageStory): boolean {
  return deadLetters > 0 && failuresOf(n) < LIMIT && (mode !== 'broker' || failuresOf(n) === 0);
}

function isOverLimit({ mode }: Combination, story: MessageStory, crashes: readonly Crash[]): boolean {
  const { attempts } = story;
  const lived = crashesIn(story, crashes);
  if (mode === 'broker') return attempts.length > LIMIT + lived;
  // The count travels with the message: never above the limit, and each crash leaves one more copy at most.
  if (mode === 'scheduled') return attempts.some(({ count }) => count > LIMIT) || attempts.length > LIMIT * (1 + lived);
  // A process counts for itself: each may make the whole number, and what its own crashes add.
  const processes = [...new Set(attempts.map(({ by }) => by))];
  const deaths = crashes.filter(({ kind, at }) => kind === 'consumer' && at >= story.sentAt).length;
  return (
    processes.length > 1 + deaths ||
    processes.some((by) =>
      isOver(
        attempts.filter((attempt) => attempt.by === by),
        crashes,
      ),
    )
  );
}

function isOver(attempts: readonly Attempt[], crashes: readonly Crash[]): boolean {
  const [first, last] = [attempts[0]?.at ?? 0, attempts.at(-1)?.at ?? 0];
  return attempts.length > LIMIT + crashes.filter(({ at }) => at >= first - UNNOTICED && at <= last).length;
}

/** Crashes that the message lived through, until its last attempt. */
function crashesIn({ sentAt, attempts }: MessageStory, crashes: readonly Crash[]): number {
  const until = attempts.at(-1)?.at ?? Infinity;
  return crashes.filter(({ at }) => at >= sentAt && at <= until).length;
}
