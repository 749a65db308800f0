interface Socket {
  readonly destroy?: (reason?: Error) => void;
}

/** pg keeps its socket in a connection of its own; mysql2 keeps it itself; SQLite has none. */
interface DriverConnection {
  readonly stream?: Socket;
  readonly connection?: { readonly stream?: Socket };
}

/**
 * Ends a driver's connection without a goodbye: what waits on it fails, as when the network breaks.
 * @param reason what it fails with; else the driver's own words
 */
export function cutSocket(driverConnection: unknown, reason?: Error): void {
  const { stream, connection } = driverConnection as DriverConnection;
  stream?.destroy?.(reason);
  connection?.stream?.destroy?.(reason);
}
