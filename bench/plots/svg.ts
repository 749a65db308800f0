/** Attributes and children of an element; text is escaped. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly string[] = [],
): string {
  const text = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeText(shorten(value))}"`);
  return children.length === 0
    ? `<${name}${text.join('')}/>`
    : `<${name}${text.join('')}>${children.join('')}</${name}>`;
}

export function label(text: string, attributes: Readonly<Record<string, string | number>>): string {
  return element('text', attributes, [escapeText(text)]);
}

// One file for light and dark pages: the colours follow what the reader's system prefers.
const STYLE = `
svg { font: 13px system-ui, sans-serif; }
text { fill: #24292f; }
.quiet { fill: #57606a; }
.title { font-size: 16px; font-weight: 600; }
.grid { stroke: #d0d7de; stroke-width: 1; }
.ours { fill: #1f6feb; }
.peer { fill: #8c959f; }
.line { fill: none; stroke-width: 2.5; }
.tone-0 { stroke: #1f6feb; } .dot-0 { fill: #1f6feb; }
.tone-1 { stroke: #bf5700; } .dot-1 { fill: #bf5700; }
.tone-2 { stroke: #1a7f37; } .dot-2 { fill: #1a7f37; }
.tone-3 { stroke: #8250df; } .dot-3 { fill: #8250df; }
.tone-4 { stroke: #cf222e; } .dot-4 { fill: #cf222e; }
.tone-5 { stroke: #57606a; } .dot-5 { fill: #57606a; }
.tone-6 { stroke: #9a6700; } .dot-6 { fill: #9a6700; }
.page { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .quiet { fill: #9198a1; }
  .grid { stroke: #3d444d; }
  .page { fill: #0d1117; }
}
`;

export const TONES = 7;

/** A whole picture, with a title that screen readers read out. */
export function picture(
  size: { width: number; height: number },
  title: string,
  body: readonly string[],
): string {
  const { width, height } = size;
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
  };
  const page = element('rect', { class: 'page', width, height, rx: 6 });
  const heading = label(title, { class: 'title', x: 16, y: 28 });
  const parts = [
    element('title', {}, [escapeText(title)]),
    element('style', {}, [STYLE]),
    page,
    heading,
    ...body,
  ];
  return `${element('svg', attributes, parts)}\n`;
}

function shorten(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : value;
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
