import type { DeadLetter, DeadLetterGroup } from './dead-letter.js';

/** Ids shown of each group. */
const SAMPLES = 10;

/** Puts dead letters that came from one place and failed in one way together, the largest group first. */
export function groupDeadLetters(deadLetters: readonly DeadLetter[]): readonly DeadLetterGroup[] {
  const members = new Map<string, DeadLetter[]>();
  for (const deadLetter of deadLetters) {
    const key = JSON.stringify([deadLetter.originalDestination, deadLetter.cause, deadLetter.errorClass]);
    const group = members.get(key);
    if (group) group.push(deadLetter);
    else members.set(key, [deadLetter]);
  }
  return [...members.values()].map(toGroup).sort((a, b) => b.count - a.count);
}

function toGroup(members: readonly DeadLetter[]): DeadLetterGroup {
  const { originalDestination, cause, errorClass } = members[0]!;
  const timestamps = members.flatMap(({ timestamp }) => timestamp ?? []).sort((a, b) => a - b);
  return {
    originalDestination,
    cause,
    errorClass,
    count: members.length,
    oldest: timestamps[0],
    newest: timestamps.at(-1),
    messageIds: members.slice(0, SAMPLES).map(({ messageId }) => messageId),
  };
}
