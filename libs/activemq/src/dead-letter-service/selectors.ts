import { MESSAGE_HEADERS } from '../message/message-headers.js';
import { quoted, withIds } from '../message/selector-text.js';

/** Chooses all but those with these ids, and those that this run has sent back and that have come again. */
export function exceptFor(ids: readonly string[], run: string): string {
  const others = `(${MESSAGE_HEADERS.sendBackRun} IS NULL OR ${MESSAGE_HEADERS.sendBackRun} <> ${quoted(run)})`;
  return ids.length === 0 ? others : `${others} AND NOT (${withIds(ids)})`;
}
