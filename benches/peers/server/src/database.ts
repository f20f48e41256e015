// The connections to PostgreSQL. Every other file writes its own SQL.

import pg from 'pg';
import { databaseUrl } from './environment.js';
import { log } from './log.js';

export const database = new pg.Pool({ connectionString: databaseUrl, max: 10, connectionTimeoutMillis: 3_000, statement_timeout: 10_000 });
database.on('error', (error) => log({ event: 'database.connection_lost', error: String(error) }));

// Runs `work` in a transaction, which is rolled back when it throws.
export async function transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await database.connect();
  let broken = false;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => (broken = true));
    throw error;
  } finally {
    client.release(broken);
  }
}
