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
