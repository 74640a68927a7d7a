export { assertBalanced } from './balanced.js';
export { assertNoHyphenatedNames, hyphenatedNames } from './hyphenated-names.js';
export { MAX_SELECTOR_DEPTH, MAX_SELECTOR_LENGTH } from './limits.js';
export { explainRefusal } from './refused-selector.js';
export type { SelectableMessage } from './selectable-message.js';
export { type Selector, parseSelector } from './selector.js';
export { SelectorEvaluationError, SelectorSyntaxError } from './selector.errors.js';
