import { describe, expect, it } from 'vitest';

import { isKept, jsonLine, tableOf, type TopologyResult } from './result.js';

const result: TopologyResult = {
  lost: 0,
  topology: 'shared-file',
  faults: [
    { master: 'broker2', outageMs: 1_234, fault: 'kill-master', duplicated: 1, lost: 0, handled: 300, confirmed: 300 },
    { master: 'broker1', outageMs: 20, fault: 'stop-master', duplicated: 0, lost: 0, handled: 12, confirmed: 12 },
  ],
};

describe('the result of certify', () => {
  it('is one line of JSON in the promised order', () => {
    expect(jsonLine(result)).toBe(
      '{"topology":"shared-file","faults":[' +
        '{"fault":"kill-master","confirmed":300,"handled":300,"lost":0,"duplicated":1,"outageMs":1234,"master":"broker2"},' +
        '{"fault":"stop-master","confirmed":12,"handled":12,"lost":0,"duplicated":0,"outageMs":20,"master":"broker1"}],"lost":0}',
    );
  });

  it('is a table for a person', () => {
    expect(tableOf(result).split('\n')).toEqual([
      'shared-file: nothing lost',
      '  fault        confirmed  handled  lost  duplicated  without service  then served by',
      '  kill-master        300      300     0           1          1234 ms  broker2',
      '  stop-master         12       12     0           0            20 ms  broker1',
    ]);
  });

  it('says what was lost, and which promise was broken', () => {
    const [fault] = result.faults;
    const broken = { ...result, lost: 2, faults: fault ? [{ ...fault, lost: 2, problem: 'no service within 120000 ms' }] : [] };
    expect(tableOf(broken)).toMatch(/^shared-file: 2 LOST\n[^]*\n {2}kill-master: no service within 120000 ms$/);
  });
});

describe('isKept', () => {
  it('does not mind duplicates', () => expect(isKept(result)).toBe(true));
  it('minds a lost message', () => expect(isKept({ ...result, lost: 1 })).toBe(false));
  it('minds a service that did not come back', () => {
    expect(isKept({ ...result, faults: result.faults.map((fault) => ({ ...fault, problem: 'no service' })) })).toBe(false);
  });
});
