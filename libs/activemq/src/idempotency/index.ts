export { assertClaimDurations, type ClaimDurations } from './claim-durations.js';
export { claimToken } from './claim-token.js';
export * from './idempotency-store.js';
export * from './idempotency-store.error.js';
export { InMemoryIdempotencyStore, type InMemoryIdempotencyStoreOptions } from './in-memory-idempotency-store.js';
export { idempotencyRecordKey, type RecordKeyParts } from './record-key.js';
export { type ContractCase, idempotencyStoreContract, type IdempotencyStoreContractOptions } from './contract/store-contract.js';
