import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second, whatever its own tick is. */
const MS_PER_TICK = 10;

interface ProcessTimes {
  pid: number;
  parentPid: number;
  /** Its own time and that of children that have ended. */
  cpuMs: number;
}

/** CPU time of each process together with all its descendants, in milliseconds, by name. */
export function cpuTimesMs(pids: Readonly<Record<string, number>>): Record<string, number> {
  const processes = readProcesses();
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, treeMs(pid, processes)]));
}

export function differenceMs(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]));
}

/** Backends come and go under one PostgreSQL: those that ended are counted by their parent. */
function treeMs(pid: number, processes: readonly ProcessTimes[]): number {
  const own = processes.find((process) => process.pid === pid)?.cpuMs ?? 0;
  const children = processes.filter(({ parentPid }) => parentPid === pid);
  return children.reduce((sum, child) => sum + treeMs(child.pid, processes), own);
}

function readProcesses(): ProcessTimes[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readTimes(Number(name)));
}

function readTimes(pid: number): ProcessTimes[] {
  try {
    return [parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'utf8'))];
  } catch {
    // It ended meanwhile.
    return [];
  }
}

/** See proc_pid_stat(5); the name in parentheses may hold anything, also spaces. */
export function parseStat(pid: number, stat: string): ProcessTimes {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15).map(Number);
  const ticks = user + system + childrenUser + childrenSystem;
  return { pid, parentPid: Number(fields[1]), cpuMs: ticks * MS_PER_TICK };
}

/** Memory that a process holds, in bytes; 0 when it has ended. */
export function residentBytes(pid: number): number {
  try {
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}
