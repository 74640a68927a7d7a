import type { Random } from './random.js';
import type { WireProxy } from './wire-proxy.js';

/**
 * What happens: `kill -9` of the consumer process, `kill -9` of the broker's master, the reset of every connection between them, or an orderly stop
 * of every listener, which does not wait for handlers and is followed by a start.
 */
export type FaultKind = 'consumer' | 'broker' | 'socket' | 'stop';

/** When it happens. */
export interface FaultPlan {
  readonly kind: FaultKind;
  /** The frame it waits for, or the moment at which a handler is about to throw. */
  readonly trigger: string;
  /** So many of them are let by. */
  readonly skip: number;
  /** Whether the frame, and all that follows on its connection, is kept back. */
  readonly isHeld: boolean;
  /** ms from then until it happens; of a stop also what it waits for handlers. */
  readonly delay: number;
}

/** Frames of settlement, in both directions. */
const TRIGGERS = ['threw', 'BEGIN', 'SEND', 'ACK', 'COMMIT', 'NACK', 'ABORT', 'RECEIPT', 'MESSAGE'];

/** ms after which a fault happens all the same: not every combination writes every frame. */
const PATIENCE = 2_000;

const FAULTS: readonly FaultKind[] = ['consumer', 'consumer', 'consumer', 'broker', 'broker', 'socket', 'socket', 'socket', 'socket'];

/** Plans the next fault; the kill of a broker, which costs the most time, is the rarest. With `stops`, listeners are stopped too. */
export function planFault(random: Random, stops: boolean): FaultPlan {
  const kind = random.pick<FaultKind>(stops ? [...FAULTS, 'stop', 'stop', 'stop', 'stop'] : FAULTS);
  const isHeld = random.below(2) === 0;
  return { kind, trigger: random.pick(TRIGGERS), skip: random.below(6), isHeld, delay: isHeld ? 0 : random.below(4) };
}

/** In words, for the log. */
export function describeFault({ kind, trigger, skip, isHeld, delay }: FaultPlan): string {
  const when = isHeld && trigger !== 'threw' ? 'instead of' : 'after';
  return `${kind} ${when} ${trigger} number ${skip + 1}${delay === 0 ? '' : ` and ${delay} ms`}`;
}

/** Waits for the moment of a fault: the frame on the wire, the throw in the consumer. */
export class FaultMoment {
  readonly #plan: FaultPlan;
  #left: number;
  #arrive!: () => void;
  /** Resolves with whether what was waited for came, when the fault is to happen. */
  readonly arrived: Promise<boolean>;

  constructor(plan: FaultPlan, proxies: readonly WireProxy[]) {
    this.#plan = plan;
    this.#left = plan.skip;
    for (const proxy of proxies) proxy.watch = (command) => (this.#sees(command) && plan.isHeld ? 'hold' : 'pass');
    this.arrived = new Promise((resolve) => {
      const timer = setTimeout(() => {
        // What comes now is let by: nobody would cut a connection that is held from here on.
        this.#left = -1;
        resolve(false);
      }, PATIENCE);
      this.#arrive = () => {
        clearTimeout(timer);
        setTimeout(() => resolve(true), plan.delay);
      };
    });
  }

  /** A handler of the consumer is about to throw. */
  threw(): void {
    this.#sees('threw');
  }

  #sees(trigger: string): boolean {
    if (trigger !== this.#plan.trigger || this.#left-- !== 0) return false;
    this.#arrive();
    return true;
  }
}
