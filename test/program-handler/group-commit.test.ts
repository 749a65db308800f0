import { expect } from 'chai';
import { GroupCommit, type GroupCommitOptions } from '../../src/program-handler/group-commit.js';

type Options = GroupCommitOptions<number, string>;

/** A lane whose commits are held until they are let through, one by one. */
function heldLane(overrides: Partial<Options> = {}) {
  const commits: { items: readonly number[]; succeed(): void; fail(error: unknown): void }[] = [];
  let onCommit: (() => void) | undefined;
  const lane = new GroupCommit<number, string>({
    commit: (items) =>
      new Promise((resolve, reject) => {
        commits.push({
          items,
          succeed: () => resolve(items.map((item) => `done ${item}`)),
          fail: reject,
        });
        onCommit?.();
      }),
    shouldRepeat: (kind) => kind !== 'data',
    commitsAtOnce: 1,
    isBlocking: false,
    onFailedCommit: () => undefined,
    sizeOf: () => 1,
    ...overrides,
  });
  const commit = async (index: number) => {
    while (commits.length <= index) await new Promise<void>((resolve) => (onCommit = resolve));
    return commits[index]!;
  };
  return { lane, commit, commits };
}

const bad = Object.assign(new Error('bad row'), { code: '23514' });
const away = Object.assign(new Error('away'), { code: 'ECONNRESET' });

describe('group commit', () => {
  it('commits a single item at once, and what arrives meanwhile together', async () => {
    const { lane, commit } = heldLane();
    const first = lane.add(1);
    const one = await commit(0);
    const others = [lane.add(2), lane.add(3), lane.add(4)];
    expect(one.items).to.deep.equal([1]);
    one.succeed();
    expect(await first).to.equal('done 1');
    const two = await commit(1);
    expect(two.items).to.deep.equal([2, 3, 4]);
    two.succeed();
    expect(await Promise.all(others)).to.deep.equal(['done 2', 'done 3', 'done 4']);
  });

  it('commits together what callbacks of one turn of the event loop bring, where a commit blocks', async () => {
    const { lane, commit } = heldLane({ isBlocking: true });
    const added: Promise<string>[] = [];
    for (const item of [1, 2, 3]) setImmediate(() => added.push(lane.add(item)));
    const one = await commit(0);
    expect(one.items).to.deep.equal([1, 2, 3]);
    one.succeed();
    expect(await Promise.all(added)).to.deep.equal(['done 1', 'done 2', 'done 3']);
  });

  it('rejects what is to be committed in the next turn when it is closed', async () => {
    const { lane, commits } = heldLane({ isBlocking: true });
    const added = lane.add(1).catch((error: unknown) => (error as Error).message);
    lane.close(new Error('closed'));
    expect(await added).to.equal('closed');
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(commits).to.deep.equal([]);
  });

  it('repeats a commit whose error may pass, with the same items', async () => {
    const { lane, commit } = heldLane();
    const added = lane.add(1);
    (await commit(0)).fail(away);
    const again = await commit(1);
    expect(again.items).to.deep.equal([1]);
    again.succeed();
    expect(await added).to.equal('done 1');
  });

  it('halves a group to find the one bad row: only that is rejected', async () => {
    const lane = new GroupCommit<number, string>({
      commit: (items) =>
        items.includes(7) ? Promise.reject(bad) : Promise.resolve(items.map((item) => `done ${item}`)),
      shouldRepeat: (kind) => kind !== 'data',
      commitsAtOnce: 1,
      isBlocking: false,
      onFailedCommit: () => undefined,
      sizeOf: () => 1,
    });
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, item) => lane.add(item)));
    expect(results.map(({ status }) => status).indexOf('rejected')).to.equal(7);
    expect(results.filter(({ status }) => status === 'rejected')).to.have.length(1);
  });

  it('bounds a group by its bytes and by its number', async () => {
    const { lane, commit } = heldLane({ sizeOf: () => 3 * 1024 * 1024 });
    const added = [lane.add(1), lane.add(2)];
    const one = await commit(0);
    expect(one.items).to.deep.equal([1]);
    one.succeed();
    (await commit(1)).succeed();
    await Promise.all(added);
  });

  it('shares out what arrives together among the commits that may be under way at once', async () => {
    const { lane, commit } = heldLane({ commitsAtOnce: 2 });
    const added = Array.from({ length: 300 }, (_, item) => lane.add(item));
    const underWay = [await commit(0), await commit(1)];
    expect(underWay.map(({ items }) => items.length)).to.deep.equal([150, 150]);
    for (const { succeed } of underWay) succeed();
    expect(await Promise.all(added)).to.deep.equal(Array.from({ length: 300 }, (_, item) => `done ${item}`));
  });

  it('does not share out so few that a second commit costs more than it wins', async () => {
    const { lane, commit, commits } = heldLane({ commitsAtOnce: 2 });
    const added = Array.from({ length: 60 }, (_, item) => lane.add(item));
    const only = await commit(0);
    expect(only.items).to.have.length(60);
    only.succeed();
    await Promise.all(added);
    expect(commits).to.have.length(1);
  });

  it('has no more commits under way than it may', async () => {
    const { lane, commit, commits } = heldLane({ commitsAtOnce: 2 });
    for (const item of [1, 2]) {
      void lane.add(item);
      await commit(item - 1);
    }
    const late = lane.add(3);
    await new Promise(setImmediate);
    expect(commits).to.have.length(2);
    commits[1]!.succeed();
    (await commit(2)).succeed();
    expect(await late).to.equal('done 3');
  });

  it('rejects what waits, and what would be repeated, when it is closed', async () => {
    const { lane, commit } = heldLane();
    const first = lane.add(1);
    const underWay = await commit(0);
    const second = lane.add(2);
    lane.close(new Error('closed'));
    underWay.fail(away);
    const results = await Promise.allSettled([first, second, lane.add(3)]);
    expect(
      results.every((result) => result.status === 'rejected' && /closed/.test(String(result.reason))),
    ).to.equal(true);
  });
});
