export type { DeadLetter, DeadLetterCause, DeadLetterDetails, DeadLetterGroup, DeadLetterGroups, DeadLetterList } from './dead-letter.js';
export type {
  DeadLetterFilter,
  DeadLetterListOptions,
  DeadLetterRunOptions,
  DeadLetterSelection,
  SendBackOptions,
} from './dead-letter-options.js';
export type { DeadLetterCounts, DeadLetterFailure, DeadLetterProgress, DeadLetterReport, DeadLetterRunStop } from './dead-letter-report.js';
export { DeadLetterService } from './dead-letter-service.js';
