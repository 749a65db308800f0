import { anObject, checkSettings, wholeNumber, withDefaults, type Check } from '../config/checks.js';
import { ConfigError } from '../errors/index.js';

/** What `detectConstraints` may do to find the limits of an API. */
export interface DetectOptions {
  /** Where the API answers; it gets several hundred requests. */
  url: string | URL;
  /** Default 'GET'. */
  method?: string;
  /** A plain object; default none. */
  headers?: Readonly<Record<string, string>>;
  /** Sent with each request; what is no text is sent as JSON. */
  body?: unknown;
  /** How long an answer may take, at most 300,000; default 30,000. A connection that takes 10 s is given up before. */
  timeoutMs?: number;
  /** The most requests at once; default 100. */
  maxConcurrencyToTest?: number;
  /**
   * How long bursts are begun in the search for the rate limit, and the longest Retry-After that is waited for;
   * default 10,000. The search for the concurrency, which comes before, has no such end.
   */
  rateLimitTestDurationMs?: number;
  /** The most requests in the search for the rate limit; default 200. */
  maxRateLimitTestRequests?: number;
}

export interface CheckedDetection extends Required<Omit<DetectOptions, 'body'>> {
  readonly body: string | undefined;
}

const DEFAULTS = {
  method: 'GET',
  headers: {},
  timeoutMs: 30_000,
  maxConcurrencyToTest: 100,
  rateLimitTestDurationMs: 10_000,
  maxRateLimitTestRequests: 200,
} as const;

/** As fetch gives up what takes longer by itself. */
const MAX_TIMEOUT_MS = 300_000;

const isUrl = (value: unknown): boolean =>
  (typeof value === 'string' || value instanceof URL) &&
  URL.canParse(String(value)) &&
  /^https?:$/.test(new URL(value).protocol);

/** Names and passwords in a URL are not sent. */
const isUsableUrl = (value: unknown): boolean => isUrl(value) && canRequest({ url: value as string });

const CHECKS: Readonly<Record<keyof DetectOptions, Check>> = {
  url: ['a URL that begins with http: or https:, without user and password', isUsableUrl],
  method: [
    'a method that can be sent, such as GET',
    (value) => typeof value === 'string' && canRequest({ method: value }),
  ],
  headers: ['a plain object of names and texts that can be sent', areHeaders],
  body: ['a text, or what can be sent as JSON', (value) => toText(value) !== undefined],
  timeoutMs: wholeNumber(1, MAX_TIMEOUT_MS),
  maxConcurrencyToTest: wholeNumber(1, 10_000),
  rateLimitTestDurationMs: wholeNumber(1, 3_600_000),
  maxRateLimitTestRequests: wholeNumber(1, 100_000),
};

/** @throws ConfigError */
export function checkDetection(options: DetectOptions): CheckedDetection {
  if (!anObject[1](options)) throw new ConfigError('detectConstraints', 'expected { url }');
  checkSettings(options, CHECKS);
  if (!isUrl(options.url)) throw new ConfigError('url', 'expected the URL of the API');
  const { body, ...others } = options;
  const settings = withDefaults<Omit<CheckedDetection, 'body'>>({ ...DEFAULTS, url: options.url }, others);
  if (body === undefined) return { ...settings, body: undefined };
  if (/^(GET|HEAD)$/i.test(settings.method))
    throw new ConfigError('body', `a ${settings.method} request has none; give a method such as POST`);
  const headers = typeof body === 'string' ? settings.headers : withJsonType(settings.headers);
  return { ...settings, headers, body: toText(body) };
}

function canRequest({
  url = 'http://localhost',
  ...init
}: Partial<Pick<DetectOptions, 'method' | 'headers'>> & { url?: string }): boolean {
  try {
    return new Request(url, init) instanceof Request;
  } catch {
    return false;
  }
}

function areHeaders(value: unknown): boolean {
  return isPlainObject(value) && areTexts(value) && canRequest({ headers: value as Record<string, string> });
}

/** What a `Headers` or a `Map` holds would be lost where the type of the body is added. */
function isPlainObject(value: unknown): value is object {
  return (
    anObject[1](value) && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
  );
}

function areTexts(headers: object): boolean {
  return Object.values(headers).every((value) => typeof value === 'string');
}

function toText(body: unknown): string | undefined {
  try {
    return typeof body === 'string' ? body : JSON.stringify(body);
  } catch {
    return undefined;
  }
}

function withJsonType(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return named ? headers : { ...headers, 'content-type': 'application/json' };
}
