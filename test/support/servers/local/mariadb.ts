import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LocalServer, PrepareContext, PreparedServer } from './instance.js';
import { cleanEnvironment, findProgram, freePorts } from './machine.js';
import { runProgram } from './run-program.js';

const NAME = 'program_executor';

// Run at each start, so it must bear being repeated.
const INITIAL_SQL = `
CREATE DATABASE IF NOT EXISTS ${NAME};
CREATE USER IF NOT EXISTS '${NAME}'@'%' IDENTIFIED BY '${NAME}';
GRANT ALL ON *.* TO '${NAME}'@'%' WITH GRANT OPTION;
`;

/** A private MariaDB: TCP on loopback only, no system configuration read. */
export const mariadb: LocalServer = {
  debianPackage: 'mariadb-server',
  isInstalled: () => findProgram('mariadbd') !== undefined && findProgram('mariadb-install-db') !== undefined,
  prepare,
};

async function prepare({ folder, user, signal }: PrepareContext): Promise<PreparedServer> {
  const data = join(folder, 'data');
  const initFile = join(folder, 'initial.sql');
  const environment = cleanEnvironment(folder);
  const [port = 0] = await freePorts(1);
  await writeFile(initFile, INITIAL_SQL);
  const install = [
    '--no-defaults',
    `--datadir=${data}`,
    '--skip-test-db',
    '--auth-root-authentication-method=normal',
  ];
  await runProgram(findProgram('mariadb-install-db') ?? '', install, {
    cwd: folder,
    env: environment,
    user,
    signal,
  });
  return {
    url: `mysql://${NAME}:${NAME}@127.0.0.1:${port}/${NAME}`,
    recipe: {
      command: findProgram('mariadbd') ?? '',
      args: serverArguments(folder, data, initFile, port),
      environment,
      folder,
      ...(user && { user }),
      logFile: join(folder, 'server.log'),
      pidFile: join(dirname(folder), 'mariadb.pid'),
      stopSignal: 'SIGTERM',
    },
  };
}

function serverArguments(folder: string, data: string, initFile: string, port: number): string[] {
  return [
    '--no-defaults',
    `--datadir=${data}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'own.pid')}`,
    `--init-file=${initFile}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    '--skip-name-resolve',
    '--max-connections=400',
  ];
}
