import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { readText, ROOT } from './markdown.js';

const PAGE = 'docs/reference/behaviours.md';
const SHOWN = '## Shown\n\n';
const NOT_SHOWN = '## Not shown\n\n';
/** How many each of the two systems has. */
const COUNTS = { TEM: 79, WP: 54 };

type Rows = Map<string, string>;

const idsOf = (text: string): string[] => [...new Set(text.match(/\b(?:TEM|WP)-\d+\b/g) ?? [])];

const ALL = Object.entries(COUNTS).flatMap(([system, count]) =>
  Array.from({ length: count }, (_, index) => `${system}-${index + 1}`),
);

/** Which test files name each behaviour, as the page has it. */
function namedInTests(): Rows {
  const files = readdirSync(`${ROOT}/test`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith('docs/'))
    .sort();
  const ids = new Map(files.map((file) => [file, idsOf(readText(`test/${file}`))]));
  const rows = ALL.map((id): [string, string] => {
    const naming = files.filter((file) => ids.get(file)?.includes(id));
    return [id, naming.map((file) => `\`${file}\``).join(', ')];
  });
  return new Map(rows.filter(([, naming]) => naming !== ''));
}

function rowsOf(section: string): Rows {
  const rows = section.matchAll(/^\| ((?:TEM|WP)-\d+) +\| (.*?) +\|$/gm);
  return new Map([...rows].map(([, id = '', text = '']) => [id, text]));
}

/** Aligned as Prettier does it. */
function tableOf(heading: string, rows: Rows): string {
  const lines = [['id', heading] as const, ...rows];
  const [idWidth, textWidth] = [0, 1].map((column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  ) as [number, number];
  const [head, ...body] = lines.map(
    ([id, text]) => `| ${id.padEnd(idWidth)} | ${text.padEnd(textWidth)} |\n`,
  );
  return `${head}| ${'-'.repeat(idWidth)} | ${'-'.repeat(textWidth)} |\n${body.join('')}`;
}

/** The page with both tables as the tests are now; the reasons of those that no test names are kept. */
function pageOf(named: Rows, page: string): string {
  const [intro = '', tables = ''] = page.split(SHOWN);
  const [, reasons = ''] = tables.split(NOT_SHOWN);
  const known = rowsOf(reasons);
  const missing = ALL.filter((id) => !named.has(id));
  const notShown = new Map(missing.map((id) => [id, known.get(id) ?? 'not built yet']));
  return `${intro}${SHOWN}${tableOf('in test/', named)}\n${NOT_SHOWN}${tableOf('why', notShown)}`;
}

describe('the page on behaviours', () => {
  const named = namedInTests();
  before('write it anew, where that is asked for', () => {
    if (process.env['PE_WRITE_BEHAVIOURS'] === undefined) return;
    writeFileSync(`${ROOT}/${PAGE}`, pageOf(named, readText(PAGE)));
  });

  const section = (index: 0 | 1): string => readText(PAGE).split(SHOWN)[1]?.split(NOT_SHOWN)[index] ?? '';

  it('tells for each behaviour that tests name in which files they stand, and for no other', () => {
    expect([...rowsOf(section(0))]).to.deep.equal([...named]);
  });

  it('gives a reason for each that no test names', () => {
    const notShown = rowsOf(section(1));
    expect([...notShown.keys()]).to.deep.equal(ALL.filter((id) => !named.has(id)));
    expect([...notShown.values()].filter((reason) => reason.length < 10)).to.deep.equal([]);
    const files = [...notShown.values()].flatMap((reason) => reason.match(/[\w/-]+\.test\.ts/g) ?? []);
    expect(files.filter((file) => !existsSync(`${ROOT}/test/${file}`))).to.deep.equal([]);
  });

  it('knows every number that a title in test/capabilities has', () => {
    const files = readdirSync(`${ROOT}/test/capabilities`).filter((file) => file.endsWith('.test.ts'));
    const ids = files.flatMap((file) => idsOf(readText(`test/capabilities/${file}`)));
    expect(ids.filter((id) => !ALL.includes(id))).to.deep.equal([]);
  });
});
