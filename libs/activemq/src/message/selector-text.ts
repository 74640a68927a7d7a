/** A text as a selector writes it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Chooses messages by their ids. */
export function withIds(ids: readonly string[]): string {
  return `JMSMessageID IN (${ids.map(quoted).join(',')})`;
}

/** Both have to hold. */
export function both(first: string, second: string | undefined): string {
  return second === undefined ? first : `(${second}) AND ${first}`;
}
