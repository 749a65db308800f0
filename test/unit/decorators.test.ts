import { expect } from 'chai';
import { ProgramExecutor } from '../../index.js';
import { decorated, type Decorators } from '../../src/decorators.js';
import { databasePath } from '../support/databases.js';
import { silentLogger } from '../support/silent-logger.js';

describe('a decorated executor', () => {
  let calls: string[];

  beforeEach(() => (calls = []));

  /** Notes what is asked of the parts before they do it. */
  const noting = (who: string): Decorators => ({
    dialect: (itself) => ({
      ...itself,
      insert: (...args) => {
        calls.push(`${who}: insert`);
        return itself.insert(...args);
      },
    }),
    queue: (itself) => {
      const ring = itself.ring.bind(itself);
      return Object.assign(itself, {
        ring: (...args: Parameters<typeof ring>) => {
          calls.push(`${who}: ring`);
          return ring(...args);
        },
      });
    },
  });

  const config = () => ({ databasePath: databasePath(), logger: silentLogger });

  async function createIn(executor: ProgramExecutor): Promise<void> {
    await executor.createProgram({ jobs: ['a'] });
    await executor.close();
  }

  it('asks its parts through what is around them', async () => {
    await createIn(ProgramExecutor.create(decorated(config(), noting('one'))));
    expect(calls).to.deep.equal(['one: insert', 'one: ring']);
  });

  it('has one of them decorated alone', async () => {
    const { queue } = noting('one');
    await createIn(ProgramExecutor.create(decorated(config(), { queue })));
    expect(calls).to.deep.equal(['one: ring']);
  });

  it('keeps what was around them when it is decorated again, inside', async () => {
    await createIn(ProgramExecutor.create(decorated(decorated(config(), noting('inner')), noting('outer'))));
    expect(calls).to.deep.equal(['outer: insert', 'inner: insert', 'outer: ring', 'inner: ring']);
  });

  it('leaves the configuration that it was made from as it was', async () => {
    const plain = config();
    decorated(plain, noting('one'));
    await createIn(ProgramExecutor.create(plain));
    expect(calls).to.deep.equal([]);
  });
});
