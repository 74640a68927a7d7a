import type { Pool, PoolClient } from 'pg';

/** The recipe of `docs/idempotency.md`, word for word. */
export async function once(pool: Pool, scope: string, key: string, work: (client: PoolClient) => Promise<void>): Promise<boolean> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('BEGIN');
    const { rowCount } = await client.query('INSERT INTO inbox (scope, key) VALUES ($1, $2) ON CONFLICT DO NOTHING', [scope, key]);
    if (rowCount === 1) await work(client);
    await client.query('COMMIT');
    return rowCount === 1;
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    // With an error the connection is closed, and what was begun on it is undone, whatever state it is in.
    client.release(failure);
  }
}
