import { describe, expect, it } from 'vitest';

import { failureOf, jsonReport, tableReport } from './report.js';

const counts = {
  recoveryMs: [1_234],
  failovers: 1,
  deadLettered: 0,
  lost: 0,
  duplicates: 1,
  unique: 20,
  consumed: 21,
  confirmed: 20,
  sent: 20,
};

describe('the report of the demo', () => {
  it('is one line of JSON in the promised order', () => {
    expect(jsonReport(counts)).toBe(
      '{"sent":20,"confirmed":20,"consumed":21,"unique":20,"duplicates":1,"lost":0,"deadLettered":0,"failovers":1,"recoveryMs":[1234]}',
    );
  });

  it('is a table for people', () => {
    const lines = tableReport(counts).split('\n');
    expect(lines).toHaveLength(9);
    expect(lines[0]).toMatch(/^ {2}sent +20 {2}sends attempted$/);
    expect(lines[8]).toMatch(/^ {2}recovery +1234 ms {2}from a kill/);
  });
});

describe('failureOf', () => {
  it('finds nothing wrong with duplicates', () => {
    expect(failureOf(counts, undefined)).toBeUndefined();
  });

  it.each([
    [{ lost: 2 }, undefined, '2 confirmed messages were never handled'],
    [{ lost: 2 }, 'It stood still', '2 confirmed messages were never handled. It stood still'],
    [{}, 'It stood still', 'It stood still'],
    [{ confirmed: 19 }, undefined, 'only 19 of 20 sends were confirmed'],
  ])('%j with problem %j is a failure', (changes, problem, failure) => {
    expect(failureOf({ ...counts, ...changes }, problem)).toBe(failure);
  });
});
