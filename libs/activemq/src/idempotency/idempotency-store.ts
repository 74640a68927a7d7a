/** What a consumer asks before it handles a message: may I? */
export interface ClaimRequest {
  /** Names the message within its scope; see `idempotencyRecordKey()`. */
  readonly key: string;
  /** Names this delivery attempt: new for each one, the same for every retry of one store call; see `claimToken()`. */
  readonly token: string;
  /** How long the claim holds without being renewed, in ms; a whole number above 0 and below `ttlMs`. */
  readonly leaseMs: number;
  /** How long the record of an owner that died outlives its lease, in ms, so that the claim count survives crashes. */
  readonly ttlMs: number;
  /** Tells contents apart under one key; absent: contents are not compared. */
  readonly fingerprint?: string;
}

/** The three answers to a claim, and the refusal of different content under a completed key. */
export type ClaimAnswer =
  /** Yours, until the lease ends. `claimCount` is 1 for a fresh key and one more each time an owner let its lease end: it counts crashes. */
  | { readonly outcome: 'acquired'; readonly claimCount: number }
  /** Done before: do not handle it again. `result` is what `complete` was given, if anything. */
  | { readonly outcome: 'completed'; readonly result?: string }
  /** Somebody else is at it. `remainingMs` (at least 1): how long their lease still holds. Never drop the message for this. */
  | { readonly outcome: 'in-progress'; readonly remainingMs: number }
  /** Completed for content with another fingerprint, which is given. */
  | { readonly outcome: 'mismatch'; readonly fingerprint: string };

/** Asks for more time. */
export interface RenewRequest {
  readonly key: string;
  readonly token: string;
  /** The lease from now on, in ms; a whole number above 0. */
  readonly leaseMs: number;
}

/** Says that the message was handled. */
export interface CompleteRequest {
  readonly key: string;
  readonly token: string;
  /** How long duplicates are recognised from now on, in ms; a whole number above 0. */
  readonly ttlMs: number;
  /** Only written when the record is gone; else the one given to `claim` stays. */
  readonly fingerprint?: string;
  /** Given to whoever claims the key again, e.g. the reply to send once more. */
  readonly result?: string;
}

/**
 * - `completed`: recorded.
 * - `recreated`: the record was gone (lost by the store, or released by somebody who took over); it is written again. In the gap another may have handled the message.
 *   Repeated with the same token, both answers are given again.
 * - `lost`: the claim is somebody else's by now; nothing was changed. Do not acknowledge the message as handled.
 */
export type CompleteAnswer = 'completed' | 'recreated' | 'lost';

/** Gives a claim back. */
export interface ReleaseRequest {
  readonly key: string;
  readonly token: string;
}

/**
 * Where idempotent consumers note what they handle. One record per key, which is absent, *processing* or *completed*.
 *
 * Every transition is atomic, and every one but `claim` compares the token first: whoever lost the claim changes nothing.
 * Each call may be repeated with the same arguments when its answer was lost, and settles within bounded time.
 * Every failure is an `IdempotencyStoreError`. `idempotencyStoreContract()` checks all this for stores of your own.
 */
export interface IdempotencyStore {
  /** Claims a key. The owner's own token is answered `acquired` again, with a fresh lease. */
  claim(request: ClaimRequest): Promise<ClaimAnswer>;
  /** Prolongs a claim, also one whose lease ended when nobody took over. False: it is somebody else's, completed or gone. */
  renew(request: RenewRequest): Promise<boolean>;
  /** Marks a claimed key as completed. */
  complete(request: CompleteRequest): Promise<CompleteAnswer>;
  /** Makes a claimed key absent, so that the next delivery is handled at once. False: it was not ours, or is gone already. */
  release(request: ReleaseRequest): Promise<boolean>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
  /** Connects and looks whether the store can be used; called once before the first claim. Throws a ConfigurationError that names the cure. */
  open?(): Promise<void>;
  /** Ends what the store itself opened, never what it was given. */
  close?(): Promise<void>;
}
