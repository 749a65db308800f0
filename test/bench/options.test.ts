import { expect } from 'chai';
import { InvalidArgumentError } from 'commander';
import { parseOptions, parsePeers } from '../../bench/cli/options.js';
import { PEER_NAMES } from '../../bench/contenders/peers.js';

const parse = (...argv: string[]) => parseOptions(argv, ['process', 'create']);

describe('command line of the benchmark', () => {
  it('runs all scenarios against all peers three times by default', () => {
    expect(parse())
      .to.include({ runs: 3, quick: false, ownNode: false })
      .and.deep.include({ scenarios: [], peers: PEER_NAMES });
  });

  it('takes scenarios, a database, a broker and peers', () => {
    expect(parse('process', '--db', 'pg', '--broker', 'none', '--peer', 'pg-boss,dbos')).to.deep.include({
      scenarios: ['process'],
      db: 'pg',
      broker: 'none',
      peers: ['pg-boss', 'dbos'],
    });
  });

  it('is quick only where nothing else is asked for', () => {
    expect(parse('--quick', '--runs', '2')).to.include({ runs: 2, programs: 5_000 });
  });

  it('knows all and none, and refuses a peer that it does not know', () => {
    expect(parsePeers('none')).to.deep.equal([]);
    expect(parsePeers('all')).to.deep.equal(PEER_NAMES);
    expect(() => parsePeers('temporal')).to.throw(InvalidArgumentError);
  });
});
