import { describe, expect, it } from 'vitest';

import { shareLine, type ShareResult, shareTable } from './share-result.js';

const result: ShareResult = {
  lost: 0,
  messages: 200,
  topology: 'network-static',
  acts: [{ act: 'shared', confirmed: 200, handled: 200, lost: 0, duplicated: 1, atBroker1: 101, atBroker2: 100, tookMs: 950 }],
};

describe('the result of share', () => {
  it('is one line of JSON', () => {
    expect(shareLine(result)).toBe(
      '{"topology":"network-static","messages":200,"acts":[{"act":"shared","confirmed":200,"handled":200,"lost":0,"duplicated":1,' +
        '"atBroker1":101,"atBroker2":100,"tookMs":950}],"lost":0}',
    );
  });

  it('is a table for a person', () => {
    expect(shareTable(result).split('\n')).toEqual([
      'network-static, 200 messages: nothing lost',
      '          confirmed  handled  lost  duplicated  at broker1  at broker2    took',
      '  shared        200      200     0           1         101         100  950 ms',
    ]);
  });
});
