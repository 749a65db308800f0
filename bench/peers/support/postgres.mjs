import pg from 'pg';

/** Removes a schema with everything in it. */
export async function dropSchema(connectionString, schema) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
  } finally {
    await client.end();
  }
}
