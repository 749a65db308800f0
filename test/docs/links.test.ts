import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { codeBlocks, documents, readText, ROOT, withoutCode } from './markdown.js';

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
}

describe('documents', () => {
  for (const path of documents()) {
    it(`${path} links to files and headings that exist`, () => {
      const links = [...withoutCode(readText(path)).matchAll(/\]\(([^)\s]+)\)/g)].map(
        ([, link = '']) => link,
      );
      const relative = links.filter((link) => !/^[a-z]+:/.test(link));
      expect(relative.filter((link) => !leadsSomewhere(path, link))).to.deep.equal([]);
    });
  }

  it('name npm scripts that exist', () => {
    const { scripts } = JSON.parse(readText('package.json')) as Manifest;
    const lines = documents().flatMap((path) =>
      codeBlocks(readText(path)).flatMap(({ info, code }) => (info === 'sh' ? code.split('\n') : [])),
    );
    const named = lines.flatMap((line) =>
      [...line.matchAll(/npm (?:run (?:-s |--silent )?)?(test|(?<=run .*)[\w:-]+)/g)].map(
        ([, name = '']) => name,
      ),
    );
    expect(named).to.include.members(['demo', 'test']);
    expect(named.filter((name) => !(name in scripts))).to.deep.equal([]);
  });

  it('give the two lines of the README each in a block of its own', () => {
    const blocks = codeBlocks(readText('README.md')).map(({ info, code }) => `${info}: ${code}`);
    expect(blocks).to.include.members(['sh: npm ci && npm run demo\n', 'sh: npm ci && npm test\n']);
  });
});

function leadsSomewhere(from: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? from : join(dirname(from), file);
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(readText(target)).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(markdown: string): string[] {
  const headings = markdown.replaceAll(/^```.*?^```$/gms, '').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
