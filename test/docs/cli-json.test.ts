import { expect } from 'chai';
import { z } from 'zod';
import { JSON_SCHEMAS } from '../cli/json-schemas.js';
import { readText } from './markdown.js';

const PAGE = readText('docs/reference/cli-json.md');
const SECTIONS = new Map(
  PAGE.split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section]),
);

/** The names of all fields of a schema, those of inner objects too. */
function fieldsOf(schema: z.core.$ZodType): string[] {
  const names = new Set<string>();
  JSON.stringify(z.toJSONSchema(schema), (key, value: object) => {
    if (key === 'properties') for (const name of Object.keys(value)) names.add(name);
    return value;
  });
  return [...names];
}

/** The names before a colon in the blocks of a section. */
function documentedIn(section: string): string[] {
  const blocks = [...section.matchAll(/^```text\n(.*?)^```$/gms)].map(([, code = '']) => code);
  return [...blocks.join('\n').matchAll(/\b([a-z]\w*)\??:/g)].map(([, name = '']) => name);
}

describe('docs/reference/cli-json.md', () => {
  it('has a heading for each schema that the tests hold outputs against, and no other', () => {
    expect([...SECTIONS.keys()]).to.have.members(Object.keys(JSON_SCHEMAS));
  });

  for (const [heading, schema] of Object.entries(JSON_SCHEMAS))
    it(`"${heading}" names no field that is not printed`, () => {
      const printed = fieldsOf(schema);
      expect(printed).to.not.have.length(0);
      expect(
        documentedIn(SECTIONS.get(heading) ?? '').filter((name) => !printed.includes(name)),
      ).to.deep.equal([]);
    });

  for (const [heading, schema] of Object.entries(JSON_SCHEMAS))
    it(`names every field of "${heading}"`, () => {
      const named = documentedIn(PAGE);
      expect(fieldsOf(schema).filter((name) => !named.includes(name))).to.deep.equal([]);
    });
});
