import {
  anObject,
  checkSettings,
  MAX_TIMER_MS,
  wholeNumber,
  withDefaults,
  type Check,
} from '../config/checks.js';
import { ConfigError } from '../errors/index.js';

/** What `detectConstraints` may do to find the limits of an API. */
export interface DetectOptions {
  /** Where the API answers; it gets several hundred requests. */
  url: string | URL;
  /** Default 'GET'. */
  method?: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent with each request; what is no text is sent as JSON. */
  body?: unknown;
  /** How long an answer may take; default 30,000. */
  timeoutMs?: number;
  /** The most requests at once; default 100. */
  maxConcurrencyToTest?: number;
  /** How long the search for the rate limit lasts, and the longest Retry-After that is waited for; default 10,000. */
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

const isUrl = (value: unknown): boolean =>
  (typeof value === 'string' || value instanceof URL) &&
  /^https?:/.test(String(value)) &&
  URL.canParse(String(value));

const CHECKS: Readonly<Record<keyof DetectOptions, Check>> = {
  url: ['a URL that begins with http: or https:', isUrl],
  method: ['a method of HTTP', (value) => typeof value === 'string' && /^[A-Za-z]+$/.test(value)],
  headers: ['an object of texts', (value) => anObject[1](value) && areTexts(value as object)],
  body: ['a text, or what can be sent as JSON', (value) => toText(value) !== undefined],
  timeoutMs: wholeNumber(1, MAX_TIMER_MS),
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
