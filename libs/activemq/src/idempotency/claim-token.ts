import { randomUUID } from 'node:crypto';

/**
 * Makes the token of one delivery attempt: `<instanceId>:<uuid>`.
 *
 * @param instanceId names the process in the store, for people who look there; any text
 */
export function claimToken(instanceId: string): string {
  return `${instanceId}:${randomUUID()}`;
}
