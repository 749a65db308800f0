import { createConnection } from 'mysql2/promise';
import pg from 'pg';

/** Ends every client connection of the database server behind the URL, as an administrator would. */
export async function terminateConnections(url: string): Promise<void> {
  await (url.startsWith('postgres') ? terminatePostgres(url) : terminateMysql(url));
}

async function terminatePostgres(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
  } finally {
    await client.end();
  }
}

async function terminateMysql(uri: string): Promise<void> {
  const connection = await createConnection(uri);
  try {
    const [rows] = await connection.query(
      `SELECT id FROM information_schema.processlist
       WHERE id <> connection_id() AND user NOT IN ('system user', 'event_scheduler')`,
    );
    // One that has ended by itself meanwhile is no error.
    const kill = (id: number): Promise<unknown> => connection.query('KILL ?', [id]).catch(() => undefined);
    for (const { id } of rows as { id: number }[]) await kill(id);
  } finally {
    await connection.end();
  }
}
