import { COMPARISON_CASES } from './selectors.comparison.cases.js';
import type { SelectorGroups } from './selectors.fixture.js';
import { PREDICATES_CASES } from './selectors.predicates.cases.js';
import { SYNTAX_CASES } from './selectors.syntax.cases.js';

/** Selectors and what ActiveMQ makes of them, the same on every real broker and on the embedded one. */
export const SELECTOR_CASES: SelectorGroups = { ...SYNTAX_CASES, ...COMPARISON_CASES, ...PREDICATES_CASES };

/** A selector, whether it selects the message never delivered before, and whether the one delivered once, unacknowledged, and returned. */
export const REDELIVERY_CASES: readonly (readonly [selector: string, fresh: boolean, returned: boolean])[] = [
  ['JMSRedelivered', false, true],
  ['NOT JMSRedelivered', true, false],
  ['JMSRedelivered = TRUE', false, true],
  ['JMSRedelivered = FALSE', true, false],
  ['JMSRedelivered <> TRUE', true, false],
  [`'TRUE' = JMSRedelivered`, false, true],
  ['JMSXDeliveryCount = 1', true, false],
  ['JMSXDeliveryCount = 2', false, true],
  [`JMSXDeliveryCount = '2'`, false, true],
  ['JMSXDeliveryCount >= 2', false, true],
  ['JMSXDeliveryCount < 2', true, false],
  ['JMSXDeliveryCount + 1 = 3', false, true],
  ['JMSXDeliveryCount BETWEEN 1 AND 2', true, true],
  ['JMSXDeliveryCount > 1 AND JMSRedelivered', false, true],
];

/** What ActiveMQ accepts and the embedded broker refuses, each a difference by name, with the words that its refusal contains. */
export const KNOWN_DIFFERENCES: readonly (readonly [selector: string, refusal: string])[] = [
  [`XPATH '//a'`, 'XPATH is not supported'],
  [`XQUERY '//a'`, 'XQUERY is not supported'],
  [`REGEX('^r', color)`, 'functions are not supported'],
  [`REPLACE(color, 'r', 'R') = 'Red'`, 'functions are not supported'],
  [`INLIST(MAKELIST('red', 'x'), color)`, 'functions are not supported'],
  [`INLIST(SPLIT('red,Red', ','), color)`, 'functions are not supported'],
  [`${'('.repeat(300)}color = 'red'${')'.repeat(300)}`, 'nests deeper than 200 levels'],
  [`${'NOT '.repeat(300)}(color = 'red')`, 'nests deeper than 200 levels'],
  [`size = 9${' + 0'.repeat(300)}`, 'nests deeper than 200 levels'],
];
