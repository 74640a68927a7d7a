export { assertClaimDurations, type ClaimDurations } from './claim-durations.js';
export { claimToken } from './claim-token.js';
export * from './idempotency-store.js';
export * from './idempotency-store.error.js';
export { InMemoryIdempotencyStore, type InMemoryIdempotencyStoreOptions } from './in-memory-idempotency-store.js';
export { idempotencyRecordKey, type RecordKeyParts } from './record-key.js';
export { type ContractCase, idempotencyStoreContract, type IdempotencyStoreContractOptions } from './contract/store-contract.js';
export { type KeptClaim, type Lease, LeaseKeeper } from './lease-keeper.js';
export * from './lease-lost.error.js';
export { RetryingIdempotencyStore, type RetryingIdempotencyStoreOptions } from './retrying-idempotency-store.js';
export { getIdempotencyContext, IdempotencyContext } from './idempotency-context.js';
export type {
  IdempotencyDefaults,
  IdempotencyKeyValue,
  IdempotencyModuleOptions,
  IdempotentOptions,
} from './idempotency-options.js';
export { IdempotencyInterceptor } from './idempotency.interceptor.js';
export { Idempotent } from './idempotent.decorator.js';
