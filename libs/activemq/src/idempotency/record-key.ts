import { createHash } from 'node:crypto';

/** Longer keys are hashed, in bytes of UTF-8. */
const LONGEST_KEY = 200;

/** What a record's key is made of. */
export interface RecordKeyParts {
  /** Keeps applications on one store apart; default none. */
  readonly app?: string;
  /** Keeps listeners apart that get the same message: a listener's id, or the name of a durable subscription. */
  readonly scope: string;
  /** What identifies the message, e.g. its `idempotencyKey`; any text that is not empty. */
  readonly key: string;
}

/**
 * The key under which a store keeps a message: `app:scope:key`. Different parts never give the same key.
 * A key of more than 200 bytes, with control characters or with broken Unicode stands as its SHA-256.
 */
export function idempotencyRecordKey({ app = '', scope, key }: RecordKeyParts): string {
  return `${escapePart(app)}:${escapePart(scope)}:${storable(key)}`;
}

/** Without this, app `a:b` scope `c` and app `a` scope `b:c` were the same. */
function escapePart(part: string): string {
  return part.replace(/[%:\p{Cc}\p{Cs}]/gu, (character) => `%${character.codePointAt(0)?.toString(16).padStart(4, '0')}`);
}

function storable(key: string): string {
  // All lone surrogates are the same character in UTF-8: two different keys would become one.
  if (/\p{Cs}/u.test(key)) return `sha256-utf16:${sha256(key, 'utf16le')}`;
  const asHash = Buffer.byteLength(key) > LONGEST_KEY || /\p{Cc}/u.test(key) || /^sha256(?:-utf16)?:/.test(key);
  return asHash ? `sha256:${sha256(key, 'utf8')}` : key;
}

function sha256(text: string, encoding: 'utf8' | 'utf16le'): string {
  return createHash('sha256').update(Buffer.from(text, encoding)).digest('hex');
}
