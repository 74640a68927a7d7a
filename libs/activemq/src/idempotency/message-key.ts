import { createHash } from 'node:crypto';

import { ActiveMqError } from '../errors/index.js';
import { MESSAGE_HEADERS } from '../message/message-headers.js';
import type { JmsMessage } from '../message/jms-message.js';
import type { IdempotencySettings } from './idempotency-settings.js';

/** Why a message has no key that could be trusted; begins the reason of its dead letter. */
type KeyFailure = 'IDEMPOTENCY_KEY_MISSING' | 'IDEMPOTENCY_KEY_ERROR';

/** What identifies a message, or why nothing does. */
export type MessageKey =
  | { readonly key: string; readonly isBrokerId: boolean; readonly failure?: undefined }
  | { readonly failure: KeyFailure; readonly why: string; readonly error?: unknown };

/** Reads what identifies a message. No key never means a shared key: different messages would become one. */
export function readMessageKey(message: JmsMessage, { key, requireKey }: Pick<IdempotencySettings, 'key' | 'requireKey'>): MessageKey {
  if (key) return extracted(message, key);
  const header = message.idempotencyKey;
  if (header !== undefined && header !== '') return { key: header, isBrokerId: false };
  if (requireKey) return { failure: 'IDEMPOTENCY_KEY_MISSING', why: 'it has no header `idempotencyKey`, which `requireKey` asks for' };
  const original = message.headers[MESSAGE_HEADERS.originalMessageId];
  const id = original === undefined || original === '' ? message.messageId : original;
  return id === '' ? { failure: 'IDEMPOTENCY_KEY_MISSING', why: 'it has no id of any kind' } : { key: id, isBrokerId: true };
}

/** What `fingerprint` says of a message; `undefined` when contents are not compared. */
export function readFingerprint(message: JmsMessage, fingerprint: IdempotencySettings['fingerprint']): string | undefined {
  if (fingerprint === false) return undefined;
  if (fingerprint === true) return createHash('sha256').update(message.receivedBody).digest('base64url');
  const text: unknown = fingerprint(message);
  if (typeof text === 'string' && text !== '') return text;
  throw new ActiveMqError('ERR_AMQ_NON_RETRYABLE', '`fingerprint` must return a text that is not empty');
}

function extracted(message: JmsMessage, extract: NonNullable<IdempotencySettings['key']>): MessageKey {
  let value: unknown;
  try {
    value = extract(message);
  } catch (error) {
    return { failure: 'IDEMPOTENCY_KEY_ERROR', why: 'its key extractor threw', error };
  }
  const text = toText(value);
  if (text !== undefined) return { key: text, isBrokerId: false };
  return { failure: 'IDEMPOTENCY_KEY_MISSING', why: `its key extractor returned ${describe(value)}` };
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : String(value);
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : undefined;
}

/** Its kind alone: what it holds may be the user's. */
function describe(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return String(value);
  if (value === '') return 'an empty text';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
