/** `npm run test:model`: the whole model, what was counted, and what each mutation is found out by. */
import { Answers } from './answers.js';
import { describeRow } from './describe.js';
import { searchLines } from './lines/main.js';
import { LARGE_SETTINGS, modelOf, settingFor, SMALL_SETTINGS } from './models.js';
import { MUTATIONS } from './mutations/index.js';
import { openSqlite } from './open-table.js';
import { printTrace } from './trace.js';
import { timed } from './timed.js';
import { check } from './verdict.js';

const sqlite = await openSqlite();
const answers = new Answers(sqlite.table);

for (const setting of [...SMALL_SETTINGS, ...LARGE_SETTINGS]) {
  const { fault } = await timed(setting.title, async () => check(await modelOf(setting, answers), answers));
  if (!fault) continue;
  console.log(`VIOLATION: ${fault.what}\n${printTrace(fault.trace, describeRow)}`);
  process.exitCode = 1;
}
for (const mutation of MUTATIONS) {
  const model = await modelOf(settingFor(mutation), answers);
  const { fault } = await timed(`\nMutation, ${mutation.title}`, () =>
    check({ ...model, mutation }, answers),
  );
  console.log(fault ? `${fault.what}\n${printTrace(fault.trace, describeRow)}` : 'NOT FOUND OUT');
  if (!fault) process.exitCode = 1;
}
console.log(`\n${answers.all.length} encounters of a row and a statement were run on SQLite`);
await sqlite.close();
await searchLines();
