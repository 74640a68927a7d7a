import { assertInteger } from '../validation/index.js';
import type { IdempotencyStore } from './idempotency-store.js';
import { type LeaseLoss, LeaseLostError } from './lease-lost.error.js';

/** A claim to keep while its handler runs. */
export interface KeptClaim {
  readonly key: string;
  readonly token: string;
  readonly leaseMs: number;
  /** In ms since `performance.timeOrigin`, from before the claim was sent. */
  readonly claimedAt: number;
  /** How long after `claimedAt` the claim is renewed at most, in ms: a handler that hangs must not hold the key for ever. */
  readonly maxLeaseMs: number;
}

/** A claim that is being kept. */
export interface Lease {
  /** Fires with a {@link LeaseLostError} when the claim is, or may be, no longer ours. */
  readonly signal: AbortSignal;
  /** Why the signal fired, or would have. */
  readonly loss: LeaseLoss | undefined;
  /** Ends the renewals; call it when the handler has settled. One that is under way changes nothing after `complete` and `release`. */
  stop(): void;
}

/** Renews the claims of all running handlers with one interval, at a third of each lease; the interval runs only while there are any. */
export class LeaseKeeper {
  private readonly leases = new Set<RenewedLease>();
  private timer: NodeJS.Timeout | undefined;
  private intervalMs = Infinity;

  constructor(private readonly store: Pick<IdempotencyStore, 'renew'>) {}

  /** Keeps a claim from now on. */
  keep(claim: KeptClaim): Lease {
    assertInteger('LeaseKeeper', 'maxLeaseMs', claim.maxLeaseMs, { min: 1 });
    const lease = new RenewedLease(this.store, claim, () => this.remove(lease));
    this.leases.add(lease);
    this.lookEvery(Math.min(1_000, Math.max(10, claim.leaseMs / 20)));
    return lease;
  }

  private lookEvery(ms: number): void {
    if (ms >= this.intervalMs) return;
    clearInterval(this.timer);
    this.intervalMs = ms;
    this.timer = setInterval(() => this.look(), ms);
    // A handler keeps the process alive by what it waits for, not by its lease.
    this.timer.unref();
  }

  private look(): void {
    const now = performance.now();
    for (const lease of this.leases) lease.look(now);
  }

  private remove(lease: RenewedLease): void {
    this.leases.delete(lease);
    if (this.leases.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.intervalMs = Infinity;
  }
}

class RenewedLease implements Lease {
  private ended = false;
  private controller: AbortController | undefined;
  private reason: LeaseLostError | undefined;
  private renewing = false;
  private lastFailure: unknown;
  /** Until when the claim is certainly ours, and when to ask for more; `performance.now()` in ms. */
  private certainUntil = 0;
  private nextRenewal = 0;

  constructor(
    private readonly store: Pick<IdempotencyStore, 'renew'>,
    private readonly claim: KeptClaim,
    private readonly remove: () => void,
  ) {
    this.renewedAt(claim.claimedAt);
  }

  /** Made when somebody asks: most handlers do not. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.reason) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  get loss(): LeaseLoss | undefined {
    return this.reason?.loss;
  }

  look(now: number): void {
    if (now - this.claim.claimedAt >= this.claim.maxLeaseMs) this.lose('too-long');
    else if (now >= this.certainUntil) this.abort('uncertain');
    if (!this.ended && !this.renewing && now >= this.nextRenewal) void this.renew(now);
  }

  stop(): void {
    this.ended = true;
    this.remove();
  }

  private async renew(now: number): Promise<void> {
    const { key, token, leaseMs } = this.claim;
    this.renewing = true;
    try {
      if (await this.store.renew({ key, token, leaseMs })) this.renewedAt(now);
      else if (!this.ended) this.lose('lost');
    } catch (error) {
      // The next look tries again; past the lease the handler is told, with this as the cause.
      this.lastFailure = error;
    } finally {
      this.renewing = false;
    }
  }

  /** Counted from before the call: the store's lease ends later, never earlier. A tenth stays as margin. */
  private renewedAt(sent: number): void {
    const { leaseMs } = this.claim;
    this.certainUntil = sent + leaseMs * 0.9;
    // A third of the lease, give or take a tenth of that: claims made together are not renewed together for ever.
    this.nextRenewal = sent + (leaseMs / 3) * (0.9 + Math.random() / 5);
  }

  private lose(loss: 'lost' | 'too-long'): void {
    this.stop();
    this.abort(loss);
  }

  private abort(loss: LeaseLoss): void {
    if (this.reason) return;
    this.reason = new LeaseLostError(loss, { cause: this.lastFailure });
    this.controller?.abort(this.reason);
  }
}
