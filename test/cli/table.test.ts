import { expect } from 'chai';
import { coloursFor } from '../../src/cli/render/colours.js';
import { table } from '../../src/cli/render/table.js';

const { red } = coloursFor({ isTTY: true }, {});

describe('a table', () => {
  it('has columns as wide as their widest cell, and numbers to the right', () => {
    const rows = [
      ['mails', 7, 'a'],
      ['日本', 1_000, ''],
      [red('no'), 12, 'b'],
    ];
    expect(table(['Code', 'Total', 'C'], rows).split('\n')).to.deep.equal([
      'Code   Total  C',
      'mails      7  a',
      '日本    1000',
      `${red('no')}        12  b`,
    ]);
  });

  it('that is long has the same columns from its first row to its last', () => {
    const rows = Array.from({ length: 250 }, (_, row) => ['x'.repeat(row + 1), row]);
    const lines = table(['Text', 'Row'], rows).split('\n');
    expect(lines).to.have.length(251);
    for (const [number, line] of ['Row', ...rows.map(([, row]) => String(row))].entries())
      expect(lines[number]?.slice(252)).to.equal(line.padStart(3));
  });

  it('takes time in proportion to its rows, however many', () => {
    const rows = Array.from({ length: 130_000 }, (_, row) => [row]);
    expect(table(['Row'], rows).split('\n')).to.have.length(130_001);
  }).timeout(60_000);
});
