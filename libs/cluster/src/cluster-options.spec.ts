import { describe, expect, it } from 'vitest';
import { type ClusterOptions, resolveClusterOptions } from './cluster-options.js';

describe('resolveClusterOptions', () => {
  it('starts one broker or two', () => {
    expect(resolveClusterOptions({ topology: 'single' })).toMatchObject({ nodes: 1, startTimeout: 60_000, lockPollInterval: 500 });
    expect(resolveClusterOptions({ topology: 'shared-file' }).nodes).toBe(2);
  });

  it('probes with the first user unless told otherwise', () => {
    const broker = { users: [{ username: 'app', password: 'pw' }] };
    expect(resolveClusterOptions({ topology: 'single', broker }).credentials).toEqual({ user: 'app', password: 'pw' });
    const credentials = { user: 'x', password: 'y' };
    expect(resolveClusterOptions({ topology: 'single', broker, credentials }).credentials).toBe(credentials);
    expect(resolveClusterOptions({ topology: 'single' }).credentials).toBeUndefined();
  });

  it('has a master on a database stop in time when it can be cut off from it', () => {
    expect(resolveClusterOptions({ topology: 'jdbc', partitionable: true }).databaseTimeout).toBe(1_000);
    expect(resolveClusterOptions({ topology: 'jdbc', partitionable: true, locker: 'database' }).databaseTimeout).toBeUndefined();
    expect(resolveClusterOptions({ topology: 'jdbc' }).databaseTimeout).toBeUndefined();
  });

  it.each<[string, Partial<Record<keyof ClusterOptions, unknown>>, string]>([
    ['topology', { topology: 'ring' }, 'it must be single or shared-file'],
    ['topology', { topology: undefined }, "option 'topology' is missing"],
    ['nodes', { nodes: 2 }, 'it must be 1 for topology single'],
    ['nodes', { topology: 'shared-file', nodes: 1 }, 'it must be 2 to 5'],
    ['nodes', { topology: 'shared-file', nodes: 2.5 }, 'it must be 2 to 5'],
    ['startTimeout', { startTimeout: 0 }, 'whole number of milliseconds'],
    ['lockPollInterval', { lockPollInterval: Number.NaN }, 'whole number of milliseconds'],
    ['connectors', { broker: { connectors: [{ name: 'stomp', scheme: 'stomp' }] } }, 'unique names'],
    ['connectors', { broker: { connectors: [{ name: '__proto__', scheme: 'stomp' }] } }, 'unique names'],
    ['partitionable', { topology: 'network-multicast', partitionable: true }, 'multicast does not pass'],
    ['portPlan', { portPlan: 'mine' }, 'it must be free or documented'],
    ['product', { product: 'kafka' }, 'it must be classic or artemis'],
    ['product', { topology: 'shared-file', product: 'artemis' }, 'a single stock broker only'],
    ['databaseTimeout', { topology: 'jdbc', databaseTimeout: 0.5 }, 'whole number of milliseconds'],
    ['ssl', { broker: { connectors: [{ name: 'tls', scheme: 'stomp+ssl' }] } }, 'a key store and its password'],
  ])('refuses a wrong %s', (_, wrong, message) => {
    const options = { topology: 'single', ...wrong } as ClusterOptions;
    expect(() => resolveClusterOptions(options)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', message: expect.stringContaining(message) as string }),
    );
  });
});
