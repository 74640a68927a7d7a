import { describe, expect, it } from 'vitest';

import { ConfigurationError } from '../errors/index.js';
import { RedeliveryPolicyMap, redeliveryPolicyLookup } from './redelivery-policy-map.js';

const entries = (...given: readonly object[]) => ({ redeliveryPolicyEntries: given });

describe('RedeliveryPolicyMap', () => {
  it.each<[unknown, RegExp]>([
    [undefined, /RedeliveryPolicyMap: the options are undefined; write an object/],
    [{}, /RedeliveryPolicyMap: `redeliveryPolicyEntries` is undefined; it must be an array of objects/],
    [{ redeliveryPolicyEntry: [] }, /unknown option `redeliveryPolicyEntry`\. Did you mean `redeliveryPolicyEntries`\?/],
    [{ redeliveryPolicyEntries: [5] }, /`redeliveryPolicyEntries` is an array; it must be an array of objects/],
    [
      entries({ destination: 'a' }, { destintion: 'b' }),
      /Entry 2 of RedeliveryPolicyMap: unknown option `destintion`\. Did you mean `destination`\?/,
    ],
    [entries({ maximumRedeliveries: 1 }), /Entry 1 of RedeliveryPolicyMap: `destination` must be a text/],
    [
      entries({ queue: 'a' }),
      /Entry 1 of .*unknown option `queue`\. Write `destination`, as in `destination: 'orders\.>'`\. Known options: destination, /,
    ],
    [entries({ topic: 'a' }), /Write `destination`, as in `destination: 'topic:\/\/prices\.>'`/],
    [entries({ destination: 'a', maxRedeliveries: 1 }), /The entry for 'a' of .*Did you mean `maximumRedeliveries`\?/],
    [entries({ destination: 'orders.>.x' }), /RedeliveryPolicyMap: queue:\/\/orders\.>\.x has a ">" that is not its last segment/],
  ])('refuses %o with a cure', (options, why) => {
    expect(() => new RedeliveryPolicyMap(options as never)).toThrow(ConfigurationError);
    expect(() => new RedeliveryPolicyMap(options as never)).toThrow(why);
  });
});

describe('redeliveryPolicyLookup', () => {
  it('refuses the options of a map that were not made one', () => {
    expect(() => redeliveryPolicyLookup('here', entries() as never)).toThrow(
      /here: unknown option `redeliveryPolicyEntries`\. Write `new RedeliveryPolicyMap\(/,
    );
  });
});
