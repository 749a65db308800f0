import { expect } from 'chai';
import { aborted, describeContract, gate, job } from '../contract/harness.js';

const PAYLOAD = {
  text: 'ä€😀\'"\\\n%?',
  'key with a dot.': [1, -0.5, 1e300, null, true, '', []],
  deep: { deeper: { list: [{ x: {} }] } },
};

/** JSON as the driver gives it. */
const parsed = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : value);

describeContract('jobs and their results', (t) => {
  it('TEM-19: a job gets the data of its program, and its own, as they were given', async () => {
    const seen: unknown[] = [];
    await t.work(
      job('a', async ({ programData }, data) => {
        seen.push(programData, await data.get());
      }),
    );
    await t.run({ jobs: ['a'], programData: PAYLOAD, jobData: { a: PAYLOAD } });
    expect(seen).to.deep.equal([PAYLOAD, PAYLOAD]);
  });

  it('TEM-21: the job of a name is the last that the library was given under it', async () => {
    const ran: string[] = [];
    const noting = (name: string, note: string) => job(name, () => void ran.push(note));
    await t.work({ ...noting('a', 'replaced'), ...noting('b', 'b'), ...noting('a', 'a') });
    await t.run({ jobs: ['b', 'a'] });
    expect(ran).to.deep.equal(['b', 'a']);
  });

  it('TEM-22: a job is told its program, its attempt from 1 and its deadline', async () => {
    const seen: unknown[] = [];
    const twice = job(
      'a',
      ({ runId }, _data, { attempt, deadline, signal }) => {
        seen.push({ runId, attempt, isAborted: signal.aborted });
        expect(Number(deadline) - Date.now()).to.be.within(1, 60_000);
        if (attempt === 1) throw new Error('once more');
      },
      { timeoutMs: 60_000, retry: 'tem' },
    );
    await t.work(twice);
    const { runId, finishedAt } = await t.run({ jobs: ['a'] });
    expect(finishedAt).to.be.a('date');
    expect(seen).to.deep.equal([1, 2].map((attempt) => ({ runId, attempt, isAborted: false })));
  });

  it('TEM-22: its signal is aborted when the worker stops', async () => {
    const [entered, heard] = [gate(), gate<string>()];
    const wait = job('a', async (_message, _data, { signal }) => {
      entered.open();
      await aborted(signal);
      heard.open(String(signal.reason));
    });
    const worker = await t.work(wait);
    await t.create({ jobs: ['a'] });
    await entered.opened;
    await worker.stop({ timeoutMs: 10 });
    expect(await heard.opened).to.match(/stop/i);
  });

  it('TEM-23: what a job returns is kept as JSON with its attempt, for later jobs and for the callback', async () => {
    let told: unknown;
    let results: unknown;
    const look = job('look', (_message, _data, context) => {
      results = context.results;
      return [PAYLOAD];
    });
    const note = job('note', ({ programData }) => void (told = programData['result']));
    await t.work({ ...job('a', () => PAYLOAD), ...look, ...note });
    const program = await t.run({ jobs: ['a', 'look'], onComplete: { job: 'note' } });
    await t.event('programFinished', undefined, 2);
    expect(program).to.include({ erroredAt: null, errorMessage: null });
    expect(program.finishedAt).to.be.a('date');
    const attempts = await t.attempts(program.runId);
    expect(attempts.map(({ result }) => parsed(result))).to.deep.equal([PAYLOAD, [PAYLOAD]]);
    expect(results).to.deep.equal({ a: PAYLOAD });
    expect(told).to.deep.equal({ kind: 'success', returnValue: [PAYLOAD] });
  });

  it('TEM-17, decided otherwise: what a task has is in its program and in the row of each attempt', async () => {
    const fail = (_message: unknown, _data: unknown, { attempt }: { attempt: number }) => {
      if (attempt === 1) throw new Error('once more');
      return 'done';
    };
    await t.work(job('a', fail, { retry: 'tem' }));
    const { createdAt, finishedAt, ...program } = await t.run({ jobs: ['a'], jobData: { a: PAYLOAD } });
    expect(program).to.deep.include({ jobs: ['a'], jobData: { a: PAYLOAD }, errorMessage: 'once more' });
    expect(await t.executor.status(program.runId)).to.include({ state: 'finished', job: 'a' });
    expect(Number(createdAt)).to.be.at.most(Number(finishedAt));
    expect((await t.row(program.runId))['fence']).to.be.at.least(1);
    const [first, second] = (await t.attempts(program.runId)) as [
      Record<string, unknown>,
      Record<string, unknown>,
    ];
    expect(first).to.include({ job: 'a', outcome: 'retried', result: null });
    expect(parsed(first['error'])).to.include({ name: 'Error', message: 'once more' });
    expect(second).to.include({ job: 'a', outcome: 'succeeded', error: null });
    expect([first, second].map((each) => Number(each['attempt']))).to.deep.equal([1, 2]);
    for (const { started_at, finished_at } of [first, second])
      expect(Number(started_at)).to.be.within(1, Number(finished_at));
  });
});
