import pg from 'pg';
import type { ServerName } from '../../test/support/servers/description.js';

/** What was made dirty before must not be written out at the expense of what is measured next. */
export async function cleanServers(
  urls: Readonly<Record<string, string>>,
  servers: readonly ServerName[],
): Promise<void> {
  if (servers.includes('postgres')) await checkpoint(urls['postgres'] ?? '');
}

async function checkpoint(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query('CHECKPOINT');
  } catch {
    // A user who may not do so, on a server that is not ours.
  } finally {
    await client.end();
  }
}
