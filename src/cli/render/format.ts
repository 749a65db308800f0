import prettyMilliseconds from 'pretty-ms';

/** They turn the order in which a terminal shows what follows them. */
const BIDI_CONTROLS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** Text of others on one line: control characters would let it write elsewhere on the terminal. */
export function oneLine(text: string, maxLength = 200): string {
  const line = text
    .replaceAll(BIDI_CONTROLS, '')
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return line.length > maxLength ? cut(line, maxLength) : line;
}

/** Between code points: half an emoji prints as a broken character. */
function cut(line: string, maxLength: number): string {
  const points = Array.from(line);
  return points.length > maxLength ? `${points.slice(0, maxLength - 1).join('')}…` : line;
}

export function duration(ms: number): string {
  return prettyMilliseconds(Math.max(0, Math.round(ms)));
}

/** To the second, as nobody reads more in a table. */
export function time(date: Date | null): string {
  return date === null ? '-' : `${date.toISOString().slice(0, 19)}Z`;
}

export function percent(part: number, whole: number): string {
  return `${(whole === 0 ? 0 : (part / whole) * 100).toFixed(1)}%`;
}

export function perSecond(rate: number | null): string {
  return rate === null ? '-' : `${rate >= 10 ? Math.round(rate) : rate.toFixed(2)}/s`;
}
