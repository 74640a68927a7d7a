import type { ListenerGateRoom } from '../listener/listener-gate.js';
import { IdempotencyGates } from './idempotency-gates.js';

/** What the decorators and interceptors of this room write into the metadata of listeners. */
export const IDEMPOTENCY_ROOM: ListenerGateRoom = { open: (context) => new IdempotencyGates(context) };
