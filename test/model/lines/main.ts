import { timed } from '../timed.js';
import { printTrace } from '../trace.js';
import { describeWorld } from './describe.js';
import { checkLines, LARGE_SETTINGS, settingFor, SMALL_SETTINGS } from './models.js';
import { MUTATIONS, type Mutation } from './mutations/index.js';
import { openLines } from './open-lines.js';

/** The whole model of lines, what was counted, and what each mutation is found out by. */
export async function searchLines(): Promise<void> {
  const lines = await openLines();
  for (const setting of [...SMALL_SETTINGS, ...LARGE_SETTINGS]) {
    const { fault } = await timed(`Lines, ${setting.title}`, () => checkLines(setting, lines.answers));
    if (!fault) continue;
    console.log(`VIOLATION: ${fault.what}\n${printTrace(fault.trace, describeWorld)}`);
    process.exitCode = 1;
  }
  console.log(`${lines.answers.all.length} encounters of lines and an operation were run on SQLite`);
  await lines.close();
  for (const mutation of MUTATIONS) await searchMutation(mutation);
}

async function searchMutation(mutation: Mutation): Promise<void> {
  const lines = await openLines(mutation);
  const search = () => checkLines(settingFor(mutation), lines.answers);
  const { fault } = await timed(`\nMutation of lines, ${mutation.title}`, search);
  console.log(fault ? `${fault.what}\n${printTrace(fault.trace, describeWorld)}` : 'NOT FOUND OUT');
  if (!fault) process.exitCode = 1;
  await lines.close();
}
