import { expect } from 'chai';
import { DeadWorkers, type ExpireClaims } from '../../src/cli/service/dead-workers.js';
import type { ServiceEvent } from '../../src/cli/service/service-event.js';
import { Inbox } from '../support/inbox.js';

const handedOver = { event: 'handedOver', pid: 7, programs: 2 };

/** Reports what is told of worker 7, whose claims are expired as the answers say, one after the other. */
function handOver(...answers: (number | Error)[]): { asked: Inbox<string>; reports: Inbox<ServiceEvent> } {
  const [asked, reports] = [new Inbox<string>(), new Inbox<ServiceEvent>()];
  const expireClaims: ExpireClaims = (workerId) => {
    asked.add(workerId);
    const answer = answers.shift() ?? 0;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  new DeadWorkers(expireClaims, (event) => reports.add(event)).add(7, 'host:7:id');
  return { asked, reports };
}

describe('the programs of a dead worker', () => {
  it('are handed over once more, as the database may just have carried out its last claim', async () => {
    const { asked, reports } = handOver(0, 2);
    expect(await reports.first(1)).to.deep.equal([handedOver]);
    expect(asked.items).to.deep.equal(['host:7:id', 'host:7:id']);
  });

  it('are handed over when the database is back; its absence is told once', async () => {
    const away = new Error('connection refused');
    const { reports } = handOver(away, away, 2);
    expect(await reports.first(2)).to.deep.equal([
      { event: 'handOverFailed', pid: 7, reason: 'connection refused' },
      handedOver,
    ]);
  });

  it('do not keep a supervisor from ending for longer than it waits', async () => {
    const deadWorkers = new DeadWorkers(
      () => new Promise<never>(() => undefined),
      () => undefined,
    );
    deadWorkers.add(7, 'host:7:id');
    await deadWorkers.settled(10);
  });
});
