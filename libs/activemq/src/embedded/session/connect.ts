import type { StompHeaders } from '../../stomp/frame.js';
import { Refusal } from '../broker/refusal.js';

/** Newest first. */
const VERSIONS = ['1.2', '1.1', '1.0'] as const;

/** A version of STOMP that the broker speaks. */
export type StompVersion = (typeof VERSIONS)[number];

/** Beats as a client promised them, in ms; 0 switches a direction off. */
export interface AgreedHeartBeat {
  /** The client writes at least this often. */
  readonly read: number;
  /** The broker writes at least this often. */
  readonly write: number;
}

/**
 * The newest version both sides speak; a client that names none speaks 1.0.
 *
 * @throws Refusal when there is none
 */
export function negotiateVersion(headers: StompHeaders): StompVersion {
  const accepted = headers['accept-version'];
  if (accepted === undefined) return '1.0';
  const offered = accepted.split(',').map((version) => version.trim());
  const agreed = VERSIONS.find((version) => offered.includes(version));
  if (agreed !== undefined) return agreed;
  throw new Refusal(`Invalid Protocol version[${accepted}], supported versions are: [${VERSIONS.join(', ')}]`, { closes: true });
}

/**
 * Takes the client's wish as it is: ActiveMQ mirrors it.
 *
 * @throws Refusal when it is malformed
 */
export function negotiateHeartBeat(headers: StompHeaders): AgreedHeartBeat {
  const wish = (headers['heart-beat'] ?? '0,0').trim();
  const match = /^([+-]?\d{1,15}),([+-]?\d{1,15})$/.exec(wish);
  if (match === null) throw new Refusal(`Invalid heart-beat header:${wish}`, { closes: true });
  return { read: Number(match[1]), write: Number(match[2]) };
}
