import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { checkWorkerOptions } from '../../src/config/index.js';
import { ProgramExecutor } from '../../index.js';
import { errorOf } from '../jobs/rejection.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import {
  createMockService,
  detectConstraints,
  getServerState,
  printDetectedConfig,
  startMockServer,
  stopMockServer,
  type DetectedConfig,
  type DetectOptions,
  type MockServiceConfig,
} from '../../testing.js';

const NO_RATE_LIMIT = { limit: 1_000_000, windowMs: 1 };

/** An API of a test's own, that counts what comes. */
class Api {
  arrivalsMs: number[] = [];
  mostAtOnce = 0;
  readonly #server: Server;
  #atOnce = 0;

  constructor(answer: (request: IncomingMessage, response: ServerResponse, number: number) => void) {
    this.#server = createServer((request, response) => {
      this.#atOnce += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
      response.once('close', () => (this.#atOnce -= 1));
      answer(request, response, this.arrivalsMs.push(performance.now()));
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, 'close');
  }
}

describe('detectConstraints', function () {
  this.timeout(120_000);
  let api: Api | undefined;

  afterEach(async () => {
    await stopMockServer();
    await api?.close();
    api = undefined;
  });

  /** A short search of an API that answers like this. */
  async function detect(
    answer: ConstructorParameters<typeof Api>[0],
    options: Partial<DetectOptions> = {},
  ): Promise<DetectedConfig> {
    api = new Api(answer);
    const limits = { maxConcurrencyToTest: 4, maxRateLimitTestRequests: 10, rateLimitTestDurationMs: 3_000 };
    return detectConstraints({ url: await api.listen(), ...limits, ...options });
  }

  /** A search of a mock API with these limits. */
  async function detectMock(
    config: MockServiceConfig,
    options: Partial<DetectOptions>,
  ): Promise<DetectedConfig> {
    const { url } = await startMockServer({ port: 0 });
    await createMockService('api', config, url);
    return detectConstraints({ url: `${url}/mock/api`, ...options });
  }

  function answerWith(status: number, headers: Record<string, string> = {}) {
    return (_request: IncomingMessage, response: ServerResponse) => response.writeHead(status, headers).end();
  }

  describe('finds how many at once', () => {
    it('TEM-55: recommends four fifths of what an API lets in', async () => {
      const found = await detectMock(
        { maxConcurrency: 10, rateLimit: NO_RATE_LIMIT, delayMs: [300, 300] },
        { maxRateLimitTestRequests: 8 },
      );
      expect(found.concurrency).to.be.within(6, 8);
      expect(found.confidence).to.equal('medium');
    });

    it('TEM-55: recommends 1 where four fifths would be none', async () => {
      const found = await detectMock(
        { maxConcurrency: 1, rateLimit: NO_RATE_LIMIT, delayMs: [300, 300] },
        { maxRateLimitTestRequests: 2 },
      );
      expect(found.concurrency).to.equal(1);
    });

    it('TEM-55: takes 502 for too many at once, as 503', async () => {
      let atOnce = 0;
      const found = await detect(
        (_request, response) => {
          atOnce += 1;
          response.once('close', () => (atOnce -= 1));
          if (atOnce > 5) response.writeHead(502).end();
          else setTimeout(() => response.end(), 300);
        },
        { maxConcurrencyToTest: 20 },
      );
      expect(found.concurrency).to.be.within(3, 4);
    });

    it('TEM-55: does not take a single error for a limit', async () => {
      const found = await detect((_request, response, number) =>
        response.writeHead(number === 3 ? 503 : 200).end(),
      );
      expect(found.concurrency).to.equal(3);
      expect(found.notes.join(' ')).to.include('No limit up to 4 at once.');
    });

    it('TEM-55: goes on where too many at once are told of a reset that is far away', async () => {
      let atOnce = 0;
      const found = await detect((_request, response) => {
        atOnce += 1;
        response.once('close', () => (atOnce -= 1));
        if (atOnce > 2) response.writeHead(503, { 'x-ratelimit-reset': '3600' }).end();
        else setTimeout(() => response.end(), 300);
      });
      expect(found).to.deep.include({ concurrency: 1, confidence: 'medium' });
      expect(found.notes.join(' ')).to.include('2 at once were accepted. 3 at once were refused.');
    });

    it('TEM-54: tests no more at once than it may, and says that it met no limit', async () => {
      const found = await detect((_request, response) => setTimeout(() => response.end(), 100), {
        maxConcurrencyToTest: 6,
      });
      expect(api?.mostAtOnce).to.equal(6);
      expect(found.concurrency).to.equal(4);
      expect(found.confidence).to.equal('low');
      expect(found.notes.join(' '))
        .to.include('No limit up to 6 at once.')
        .and.include('No rate limit was met');
    });
  });

  describe('finds the rate', () => {
    it('TEM-55: recommends nine tenths of what an API lets in', async () => {
      const found = await detectMock(
        { maxConcurrency: 100, rateLimit: { limit: 20, windowMs: 1_000 }, delayMs: [0, 5] },
        { maxConcurrencyToTest: 4, rateLimitTestDurationMs: 5_000 },
      );
      const { requests, windowMs } = found.rateLimit;
      expect((requests * 1_000) / windowMs).to.be.within(8, 22);
      expect(getServerState().services.get('api')?.counts.rateExceeded).to.be.above(1);
      expect(found.notes.join(' ')).to.include('its window measured');
    });

    it('TEM-55: takes what was accepted for the limit of a minute, when no more is accepted in the test', async () => {
      const found = await detect(
        (_request, response, number) => response.writeHead(number > 10 ? 429 : 200).end(),
        {
          maxRateLimitTestRequests: 20,
        },
      );
      expect(found.rateLimit).to.deep.equal({ requests: 9, windowMs: 60_000 });
      expect(found.notes.join(' ')).to.include('a guess');
    });

    it('TEM-55: takes what was accepted since for the rate, where the limit was met only once', async () => {
      const found = await detect((_request, response, number) =>
        number === 12 ? response.writeHead(429, { 'retry-after': '1' }).end() : response.end(),
      );
      expect(found.rateLimit.windowMs).to.be.within(1_000, 3_000);
      expect(found.notes.join(' ')).to.include('met once, and not again');
    });

    it('TEM-54: sends no more requests than it may, and tells how many', async () => {
      const found = await detect(answerWith(200), { maxRateLimitTestRequests: 31 });
      expect(api?.arrivalsMs).to.have.length(1 + 2 + 4 + 31);
      expect(found.notes).to.include('Requests sent: 38.');
    });

    it('TEM-54: ends the search for the rate when its time is over', async () => {
      const startedAtMs = performance.now();
      await detect((_request, response) => setTimeout(() => response.end(), 50), {
        maxConcurrencyToTest: 1,
        maxRateLimitTestRequests: 100_000,
        rateLimitTestDurationMs: 500,
      });
      expect(performance.now() - startedAtMs).to.be.below(30_000);
      expect(api?.arrivalsMs.length).to.be.below(20);
    });
  });

  describe('minds what it is told', () => {
    it('TEM-57: sends nothing before Retry-After has passed', async () => {
      await detect((_request, response, number) =>
        number === 4
          ? response.writeHead(429, { 'retry-after': '1' }).end()
          : setTimeout(() => response.end(), 50),
      );
      const [lastOfBurst = 0, next = 0] = api?.arrivalsMs.slice(6, 8) ?? [];
      // The fourth is the first of a burst of four, as 1 and 2 went before.
      expect(next - lastOfBurst).to.be.at.least(990);
    });

    it('TEM-57: sends nothing before X-RateLimit-Reset has passed', async () => {
      await detect((_request, response, number) =>
        number === 1 ? response.writeHead(429, { 'x-ratelimit-reset': '1' }).end() : response.end(),
      );
      const [first = 0, second = 0] = api?.arrivalsMs ?? [];
      expect(second - first).to.be.at.least(990);
    });

    it('TEM-57: sends nothing before Retry-After has passed, where the rest of the refusal never comes', async () => {
      await detect((request, response, number) => {
        if (number !== 1) return response.end();
        response.writeHead(429, { 'retry-after': '1', 'content-length': '100' }).write('x');
        return setImmediate(() => request.socket.destroySoon());
      });
      const [first = 0, second = 0] = api?.arrivalsMs ?? [];
      expect(second - first).to.be.at.least(990);
    });

    it('TEM-57: ends there when it would have to wait for longer than the test may last', async () => {
      const found = await detect((_request, response, number) =>
        number > 5 ? response.writeHead(429, { 'retry-after': '120' }).end() : response.end(),
      );
      expect(api?.arrivalsMs).to.have.length(1 + 2 + 4);
      expect(found).to.deep.include({ concurrency: 1, confidence: 'low' });
      expect(found.rateLimit.requests).to.equal(4);
      expect(found.rateLimit.windowMs).to.be.at.least(120_000);
      expect(found.notes.join(' ')).to.include('asks to wait 120 s');
    });

    it('TEM-57: does not ask for ever where it is refused each time', async () => {
      const found = await detect(answerWith(429, { 'retry-after': '0' }));
      expect(api?.arrivalsMs).to.have.length(4);
      expect(found).to.deep.include({ concurrency: 1, rateLimit: { requests: 1, windowMs: 1_000 } });
    });

    it('TEM-57: recommends no more than one in the time that it was asked to wait', async () => {
      const found = await detect(answerWith(429, { 'retry-after': '3600' }));
      expect(found.rateLimit).to.deep.equal({ requests: 1, windowMs: 3_600_000 });
    });

    it('TEM-57: tells of answers that came through the limits and were errors', async () => {
      const found = await detect(answerWith(500));
      expect(found.notes.join(' ')).to.match(/17 of the accepted ones were answered with 500 or the like\./);
    });

    for (const status of [302, 401, 403, 404])
      it(`TEM-57: ends at once when it is answered with ${status}`, async () => {
        const found = await detect(answerWith(status));
        expect(api?.arrivalsMs).to.have.length(1);
        expect(found).to.deep.include({ concurrency: 1, confidence: 'low' });
        expect(found.notes.join(' ')).to.include(`answered with ${status}`);
      });

    it('TEM-57: ends after the burst in which it is denied, and keeps what it found before', async () => {
      const found = await detect(
        (_request, response, number) => response.writeHead(number > 7 ? 403 : 200).end(),
        { maxConcurrencyToTest: 64 },
      );
      expect(api?.arrivalsMs).to.have.length(1 + 2 + 4 + 8);
      expect(found).to.deep.include({ concurrency: 3, confidence: 'low' });
    });
  });

  describe('does not throw', () => {
    it('TEM-57: when nobody answers', async () => {
      const gone = new Api(() => undefined);
      const url = await gone.listen();
      await gone.close();
      const found = await detectConstraints({ url });
      expect(found).to.deep.include({
        concurrency: 1,
        rateLimit: { requests: 1, windowMs: 1_000 },
        confidence: 'low',
      });
      expect(found.notes.join(' ')).to.include('ECONNREFUSED').and.include('Requests sent: 1.');
    });

    it('TEM-57: when no answer comes in time', async () => {
      const found = await detect(() => undefined, { timeoutMs: 1 });
      expect(found).to.deep.include({ concurrency: 1, confidence: 'low' });
      expect(found.notes.join(' ')).to.include('no answer in 1 ms');
    });

    it('TEM-57: when the connection is cut', async () => {
      const found = await detect((request) => request.socket.destroy());
      expect(found).to.deep.include({ concurrency: 1, confidence: 'low' });
    });
  });

  it('TEM-54: sends method, headers and body as they are given', async () => {
    const seen: Promise<unknown[]>[] = [];
    await detect(
      (request, response) => {
        const { method, headers } = request;
        seen.push(
          text(request).then((body) => [method, headers['authorization'], headers['content-type'], body]),
        );
        response.end();
      },
      {
        method: 'POST',
        headers: { Authorization: 'Bearer secret' },
        body: { model: 'small' },
        maxConcurrencyToTest: 1,
        maxRateLimitTestRequests: 1,
      },
    );
    const expected = ['POST', 'Bearer secret', 'application/json', '{"model":"small"}'];
    expect(await Promise.all(seen)).to.deep.equal([expected, expected]);
  });

  const wrong: [fault: string, options: unknown, key: string][] = [
    ['no options', undefined, 'detectConstraints'],
    ['no URL', {}, 'url'],
    ['what is no URL', { url: 'example' }, 'url'],
    ['a URL of a file', { url: 'file:///etc/hosts' }, 'url'],
    ['a body without a method for it', { url: 'http://127.0.0.1', body: {} }, 'body'],
    ['a misspelt option', { url: 'http://127.0.0.1', timeout: 5 }, 'timeout'],
    ['a URL with a password', { url: 'http://me:secret@127.0.0.1' }, 'url'],
    ['a method that is no text', { url: 'http://127.0.0.1', method: null }, 'method'],
    ['a method that cannot be sent', { url: 'http://127.0.0.1', method: 'TRACE' }, 'method'],
    ['a header that cannot be sent', { url: 'http://127.0.0.1', headers: { 'a b': 'x' } }, 'headers'],
    ['headers of another kind', { url: 'http://127.0.0.1', headers: new Headers({ a: 'b' }) }, 'headers'],
    ['a header that is no text', { url: 'http://127.0.0.1', headers: { a: 1 } }, 'headers'],
    ['more time than fetch has', { url: 'http://127.0.0.1', timeoutMs: 300_001 }, 'timeoutMs'],
    ['no time for an answer', { url: 'http://127.0.0.1', timeoutMs: 0 }, 'timeoutMs'],
    ['none at once', { url: 'http://127.0.0.1', maxConcurrencyToTest: 0 }, 'maxConcurrencyToTest'],
  ];
  for (const [fault, options, key] of wrong)
    it(`TEM-54: rejects ${fault} before it sends anything`, async () => {
      expect(await errorOf(() => detectConstraints(options as DetectOptions))).to.include({
        code: 'PE_CONFIG',
        key,
      });
    });

  it('TEM-56: what it finds is a configuration: whole numbers from 1, with sentences about them', async () => {
    const found = await detect(answerWith(200));
    expect(found).to.have.all.keys('concurrency', 'rateLimit', 'confidence', 'notes');
    expect(checkWorkerOptions({ concurrency: found.concurrency }).concurrency).to.equal(found.concurrency);
    const executor = ProgramExecutor.create({ databasePath: join(temporaryFolder(), 'found.sqlite') });
    const limits = { maxParallelism: found.concurrency, rateLimit: found.rateLimit };
    await executor.pools.set('api', limits);
    expect((await executor.pools.list())[0]).to.deep.include({ name: 'api', ...limits });
    await executor.close();
    expect(found.confidence).to.equal('low');
    for (const note of found.notes) expect(note).to.match(/\.$/);
  });

  it('TEM-58: printDetectedConfig prints it for people', () => {
    const printed: string[] = [];
    const write = process.stdout.write;
    process.stdout.write = (chunk: string | Uint8Array) => printed.push(String(chunk)) > 0;
    try {
      printDetectedConfig(
        {
          concurrency: 8,
          rateLimit: { requests: 18, windowMs: 1_500 },
          confidence: 'high',
          notes: ['10 at once were accepted.'],
        },
        'http://127.0.0.1/',
      );
    } finally {
      process.stdout.write = write;
    }
    expect(printed.join('')).to.equal(
      [
        'Recommended limits for http://127.0.0.1/',
        '  at once     8 (80 % of what was accepted)',
        '  rate        18 in 1.5 s (90 % of what was accepted)',
        '  confidence  high',
        '  as a pool   { maxParallelism: 8, rateLimit: { requests: 18, windowMs: 1500 } }',
        '  - 10 at once were accepted.',
        '',
      ].join('\n'),
    );
  });
});
