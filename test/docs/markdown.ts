import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The checkout; the tests run below its build folder. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A fenced block, with the first words after its fence. */
export interface CodeBlock {
  readonly info: string;
  readonly code: string;
}

export function readText(path: string): string {
  return readFileSync(`${ROOT}/${path}`, 'utf8');
}

/** README and everything below docs, as paths from the checkout. */
export function documents(): string[] {
  const below = readdirSync(`${ROOT}/docs`, { recursive: true, encoding: 'utf8' });
  const pages = below.filter((path) => path.endsWith('.md')).map((path) => `docs/${path}`);
  return ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...pages.sort()];
}

export function codeBlocks(markdown: string): CodeBlock[] {
  const found = markdown.matchAll(/^```([^\n]*)\n(.*?)^```$/gms);
  return [...found].map(([, info = '', code = '']) => ({ info, code }));
}

export function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, '');
}

/** The names in the first column of the tables below a heading: rows that begin with code. */
export function namesInTables(markdown: string, heading?: string): string[] {
  const text = heading === undefined ? markdown : sectionOf(markdown, heading);
  return [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
}

function sectionOf(markdown: string, heading: string): string {
  const sections = markdown.split(/^(?=## )/m);
  return sections.find((section) => section.startsWith(`## ${heading}\n`)) ?? '';
}

/** The keys of an interface or object literal as it stands in a source file, given the line that opens it. */
export function keysInSource(path: string, opening: string): string[] {
  const body =
    readText(path)
      .split(opening)[1]
      ?.split(/^\};?$/m)[0] ?? '';
  return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, key = '']) => key);
}
