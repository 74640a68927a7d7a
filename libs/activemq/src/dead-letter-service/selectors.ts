import { MESSAGE_HEADERS } from '../message/message-headers.js';

/** A text as a selector writes it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Chooses messages by their ids. */
export function withIds(ids: readonly string[]): string {
  return `JMSMessageID IN (${ids.map(quoted).join(',')})`;
}

/** Chooses all but those with these ids, and those that this run has sent back and that have come again. */
export function exceptFor(ids: readonly string[], run: string): string {
  const others = `(${MESSAGE_HEADERS.sendBackRun} IS NULL OR ${MESSAGE_HEADERS.sendBackRun} <> ${quoted(run)})`;
  return ids.length === 0 ? others : `${others} AND NOT (${withIds(ids)})`;
}

/** Both have to hold. */
export function both(first: string, second: string | undefined): string {
  return second === undefined ? first : `(${second}) AND ${first}`;
}
