import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { readText, ROOT } from './markdown.js';

const CATALOGUE = 'src/errors/program-executor-error.ts';

describe('docs/reference/errors.md', () => {
  const union = readText(CATALOGUE).split('export type ErrorCode =')[1]?.split(';')[0] ?? '';
  const codes = [...union.matchAll(/'(PE_[A-Z_]+)'/g)].map(([, code = '']) => code);
  const page = readText('docs/reference/errors.md');
  const explained = [...page.matchAll(/^### (PE_[A-Z_]+)$/gm)].map(([, code = '']) => code);

  it('explains every code of the catalogue, and no other, in the same order', () => {
    expect(codes).to.have.length.greaterThan(10);
    expect(explained).to.deep.equal(codes);
  });

  it('explains codes that errors really carry', () => {
    const files = readdirSync(`${ROOT}/src`, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.startsWith('cli/') && `src/${file}` !== CATALOGUE,
    );
    const sources = files.map((file) => readText(`src/${file}`)).join('\n');
    expect(codes.filter((code) => !sources.includes(`'${code}'`))).to.deep.equal([]);
  });

  it('names every error class', () => {
    const sources = ['src/errors/catalogue.ts', 'src/errors/job-errors.ts', CATALOGUE];
    const classes = sources.flatMap((file) =>
      [...readText(file).matchAll(/^export class (\w+)/gm)].map(([, name = '']) => name),
    );
    expect(classes).to.include('RetryableError');
    expect(classes.filter((name) => !page.includes(`\`${name}\``))).to.deep.equal([]);
  });
});
