import { expect } from 'chai';
import { DriverProcess } from '../../bench/harness/driver-process.js';
import { withSession, type Session } from '../../bench/harness/session.js';
import { contextOf, notesOf, notingContender } from './support/noting.js';
import { toldBy } from './support/told.js';

const failureOf = (promise: Promise<unknown>) => promise.then(() => undefined, String);

const startTwo = async (session: Session) =>
  [await session.start('producer'), await session.start('worker')] as const;

describe('a session of the benchmark', () => {
  const told = toldBy('error');

  it('stops its workers, then removes what was made', async () => {
    const context = contextOf();
    await withSession(context, notingContender(), startTwo);
    expect(notesOf(context).slice(2)).to.deep.equal([
      'stopWorker',
      'stopWorker',
      'close',
      'tearDown',
      'close',
    ]);
    expect(told).to.deep.equal([]);
  });

  it('says which process died, and has what was made removed by one that lives', async () => {
    const context = contextOf();
    const failing = withSession(context, notingContender({ startWorker: 'die' }), async (session) => {
      const [producer] = await startTwo(session);
      await producer.ask('startWorker');
    });
    expect(await failureOf(failing)).to.equal('Error: The producer process ended (3)');
    expect(notesOf(context).slice(3)).to.deep.equal(['stopWorker', 'tearDown', 'close']);
  });

  it('starts a process to remove what was made where none lives', async () => {
    const context = contextOf();
    const failing = withSession(context, notingContender({ startWorker: 'die' }), async (session) => {
      await (await session.start('worker')).ask('startWorker');
    });
    expect(await failureOf(failing)).to.equal('Error: The worker process ended (3)');
    expect(notesOf(context)).to.deep.equal(['open', 'startWorker', 'open', 'tearDown', 'close']);
  });

  it('ends a process that does not stop, and removes what was made', async () => {
    const context = contextOf();
    await withSession(context, notingContender({ stopWorker: 'fail' }), startTwo);
    expect(notesOf(context).slice(4)).to.deep.equal(['open', 'tearDown', 'close']);
    expect(told).to.have.length(2);
    expect(told[0]).to.match(/^noting, \w+: stopWorker failed: .*no stopWorker/);
  });

  it('fails as the run did, also where removing what was made fails', async () => {
    const failing = withSession(contextOf(), notingContender({ tearDown: 'fail' }), async (session) => {
      await session.start('producer');
      throw new Error('the run failed');
    });
    expect(await failureOf(failing)).to.equal('Error: the run failed');
    expect(told.join()).to.include('Tidying up after noting failed').and.include('no tearDown');
    expect(process.exitCode).to.equal(1);
  });
});

describe('a process of the benchmark', () => {
  let driver: DriverProcess;
  const open = (command: string, does: string) => {
    const { folder, urls } = contextOf();
    const { modulePath, options } = notingContender({ [command]: does });
    return driver.ask('open', { modulePath, settings: { urls, folder, options, name: 'noting' } });
  };

  beforeEach(() => {
    driver = new DriverProcess('worker', process.execPath);
  });

  afterEach(() => {
    driver.kill();
  });

  it('says how it ended also when it is asked afterwards', async () => {
    await open('setUp', 'die');
    await failureOf(driver.ask('setUp'));
    expect(await failureOf(driver.ask('close'))).to.equal('Error: The worker process ended (3)');
    expect(driver.isAlive).to.equal(false);
  });

  it('is not waited for any longer than is said', async () => {
    await open('setUp', 'hang');
    expect(await failureOf(driver.askWithin(1, 'setUp'))).to.equal(
      'Error: worker: no answer to setUp within 0.001 s',
    );
  });

  it('fails what it is asked for where its Node.js cannot be started', async () => {
    const missing = new DriverProcess('worker', '/does/not/exist');
    expect(await failureOf(missing.ask('setUp'))).to.equal('Error: The worker process failed');
  });
});
