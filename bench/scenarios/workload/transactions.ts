import pg from 'pg';

/** Transactions of the database since its statistics began; a statement on its own is one. */
export async function transactionsSoFar(connectionString: string): Promise<number> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: string }>(
      `SELECT xact_commit + xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()`,
    );
    return Number(rows[0]?.count ?? 0);
  } finally {
    await client.end();
  }
}
