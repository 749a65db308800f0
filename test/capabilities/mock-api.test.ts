import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { MAIN, plainEnv, runCli } from '../cli/run-cli.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';
import { errorOf } from '../jobs/rejection.js';
import { MockService } from '../../src/mock-api/mock-service.js';
import { checkService } from '../../src/mock-api/service-config.js';
import {
  createErrorSimulation,
  createMockService,
  getServerState,
  startMockServer,
  stopMockServer,
  type MockServiceConfig,
} from '../../testing.js';

/** So many that no test comes near it. */
const NO_RATE_LIMIT = { limit: 1_000_000, windowMs: 1 };
const NO_DELAY = [0, 0] as const;
const PLENTY: MockServiceConfig = { maxConcurrency: 1_000, rateLimit: NO_RATE_LIMIT, delayMs: NO_DELAY };
/** Longer than any test lasts: what is let in stays in. */
const FOR_EVER = [600_000, 600_000] as const;

interface Answer {
  status: number;
  body: any;
  retryAfter: string | null;
}

async function ask(method: string, url: string, body?: string): Promise<Answer> {
  const response = await fetch(url, { method, body: body ?? null });
  const retryAfter = response.headers.get('retry-after');
  return { status: response.status, body: await response.json(), retryAfter };
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Asks and does not care for the answer; resolves when the service has let it in. */
async function occupy(url: string, name: string): Promise<void> {
  const before = getServerState().services.get(name)?.counts.accepted ?? 0;
  fetch(`${url}/mock/${name}`).catch(() => undefined);
  while (getServerState().services.get(name)?.counts.accepted === before)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('the mock API server', () => {
  let url: string;
  afterEach(stopMockServer);

  describe('in mode multi', () => {
    beforeEach(async () => ({ url } = await startMockServer({ port: 0 })));

    it('TEM-60: answers a route that it does not know with 404 not_found', async () => {
      for (const [method, path] of [
        ['GET', '/elsewhere'],
        ['PUT', '/mock/mail'],
        ['GET', '/service/mail'],
        ['GET', '/shutdown'],
        ['GET', '//'],
      ] as const) {
        const { status, body } = await ask(method, `${url}${path}`);
        expect({ status, body }, `${method} ${path}`).to.deep.equal({
          status: 404,
          body: { error: 'not_found' },
        });
      }
    });

    it('TEM-60: has no service at /, as that is the way of mode single', async () => {
      for (const method of ['GET', 'POST'])
        expect(await ask(method, url)).to.nested.include({ status: 400, 'body.error': 'invalid_params' });
    });

    it('TEM-61: creates a service, and replaces it with its limits', async () => {
      const config = JSON.stringify({ maxConcurrency: 3, rateLimit: { limit: 5, windowMs: 100 } });
      const { status, body } = await ask('POST', `${url}/service/mail`, config);
      expect({ status, body }).to.deep.equal({ status: 201, body: { service: 'mail', status: 'created' } });
      expect(getServerState().services.get('mail')?.config).to.deep.equal({
        maxConcurrency: 3,
        rateLimit: { limit: 5, windowMs: 100 },
        delayMs: [10, 200],
      });
    });

    it('TEM-61: replaces a service: the new one has all its tokens', async () => {
      const config = { ...PLENTY, rateLimit: { limit: 1, windowMs: 3_600_000 } };
      for (let round = 0; round < 2; round += 1) {
        expect((await createMockService('mail', config, url)).status).to.equal(201);
        expect(await ask('GET', `${url}/mock/mail`)).to.include({ status: 200 });
        expect(await ask('GET', `${url}/mock/mail`)).to.include({ status: 429 });
      }
    });

    const { maxConcurrency, rateLimit } = PLENTY;
    const invalid: [fault: string, body: unknown, named: string][] = [
      ['that is no object', [], 'service'],
      ['without maxConcurrency', { rateLimit }, 'maxConcurrency'],
      ['with a maxConcurrency of 0', { maxConcurrency: 0, rateLimit }, 'maxConcurrency'],
      ['with a maxConcurrency that is a text', { maxConcurrency: '3', rateLimit }, 'maxConcurrency'],
      ['without rateLimit', { maxConcurrency }, 'rateLimit'],
      ['with a limit of 0', { maxConcurrency, rateLimit: { limit: 0, windowMs: 1 } }, 'rateLimit.limit'],
      ['without a window', { maxConcurrency, rateLimit: { limit: 1 } }, 'rateLimit.windowMs'],
      ['with a window of 0', { maxConcurrency, rateLimit: { limit: 1, windowMs: 0 } }, 'rateLimit.windowMs'],
      ['with a delay that ends before it begins', { maxConcurrency, rateLimit, delayMs: [2, 1] }, 'delayMs'],
      ['with one delay', { maxConcurrency, rateLimit, delayMs: 5 }, 'delayMs'],
      ['with an error rate above 1', { ...PLENTY, errorSimulation: { rate: 1.1 } }, 'errorSimulation.rate'],
      ['with an error rate below 0', { ...PLENTY, errorSimulation: { rate: -0.1 } }, 'errorSimulation.rate'],
      ['without an error rate', { ...PLENTY, errorSimulation: {} }, 'errorSimulation.rate'],
      [
        'with a status that is no error',
        { ...PLENTY, errorSimulation: { rate: 1, statusCode: 200 } },
        'statusCode',
      ],
      ['with a misspelt setting', { ...PLENTY, delay: [1, 2] }, 'delay'],
    ];
    for (const [fault, body, named] of invalid)
      it(`TEM-61: refuses a service ${fault}`, async () => {
        const answer = await ask('POST', `${url}/service/mail`, JSON.stringify(body));
        expect(answer).to.nested.include({ status: 400, 'body.error': 'invalid_params' });
        expect(answer.body.message).to.include(named);
        expect([...getServerState().services.keys()]).to.deep.equal([]);
      });

    for (const [fault, path, body] of [
      ['a body that is no JSON', '/service/mail', '{'],
      ['an empty body', '/service/mail', ''],
      ['no name', '/service/', JSON.stringify(PLENTY)],
      ['a name that cannot be decoded', '/service/%zz', JSON.stringify(PLENTY)],
    ] as const)
      it(`TEM-61: refuses a request with ${fault}`, async () => {
        expect(await ask('POST', `${url}${path}`, body)).to.nested.include({
          status: 400,
          'body.error': 'invalid_params',
        });
      });

    it('TEM-62: deletes a service, once', async () => {
      await createMockService('mail', PLENTY, url);
      const deleted = await ask('DELETE', `${url}/service/mail`);
      expect(deleted).to.deep.include({ status: 200, body: { service: 'mail', status: 'deleted' } });
      for (const [method, path] of [
        ['DELETE', '/service/mail'],
        ['GET', '/mock/mail'],
      ] as const)
        expect(await ask(method, `${url}${path}`)).to.deep.include({
          status: 404,
          body: { error: 'service_not_found' },
        });
    });

    it('TEM-63: answers GET and POST within the delay of the service, each with an id of its own', async () => {
      await createMockService('mail', { ...PLENTY, delayMs: [30, 60] }, url);
      const answers = await Promise.all(
        ['GET', 'POST'].map((method) =>
          ask(method, `${url}/mock/mail?page=1`, method === 'POST' ? '{}' : undefined),
        ),
      );
      for (const { status, body } of answers) {
        expect(status).to.equal(200);
        expect(body).to.have.all.keys('requestId', 'meta', 'data');
        expect(body.data).to.equal('ok');
        expect(Math.abs(Date.now() - body.meta.ts)).to.be.below(60_000);
        expect(body.meta.rt).to.be.at.least(29);
      }
      expect(new Set(answers.map(({ body }) => body.requestId))).to.have.property('size', 2);
    });

    it('TEM-64: refuses at once with 503 what is too much at once', async () => {
      await createMockService('mail', { ...PLENTY, maxConcurrency: 2, delayMs: FOR_EVER }, url);
      await occupy(url, 'mail');
      await occupy(url, 'mail');
      expect(getServerState().services.get('mail')?.running).to.equal(2);
      const refused = await ask('GET', `${url}/mock/mail`);
      expect(refused).to.deep.include({ status: 503, body: { error: 'concurrency_limit_exceeded' } });
    });

    it('TEM-64: lets the next in when one has ended, and when one was refused for the rate', async () => {
      await createMockService('mail', { ...PLENTY, maxConcurrency: 1 }, url);
      for (let count = 0; count < 5; count += 1)
        expect(await ask('GET', `${url}/mock/mail`)).to.include({ status: 200 });
      const rateLimit = { limit: 1, windowMs: 3_600_000 };
      await createMockService('mail', { ...PLENTY, maxConcurrency: 1, rateLimit }, url);
      const statuses = [];
      for (let count = 0; count < 3; count += 1) statuses.push((await ask('GET', `${url}/mock/mail`)).status);
      expect(statuses).to.deep.equal([200, 429, 429]);
      expect(getServerState().services.get('mail')?.running).to.equal(0);
    });

    it('TEM-64: refuses at once with 429 what is too much in the window, and says when to come again', async () => {
      const rateLimit = { limit: 3, windowMs: 180_000 };
      await createMockService('mail', { ...PLENTY, rateLimit }, url);
      const answers = await Promise.all(Array.from({ length: 8 }, () => ask('GET', `${url}/mock/mail`)));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused).to.have.length(5);
      expect(refused[0]?.body).to.deep.equal({ error: 'rate_limit_exceeded' });
      expect(Number(refused[0]?.retryAfter)).to.be.within(30, 60);
      expect(getServerState().services.get('mail')?.counts).to.deep.equal({
        accepted: 3,
        concurrencyExceeded: 0,
        rateExceeded: 5,
        simulatedErrors: 0,
      });
    });

    it('TEM-65: fails by chance with the status and message that were asked for', async () => {
      await createMockService(
        'mail',
        { ...PLENTY, errorSimulation: createErrorSimulation(1, 503, 'away') },
        url,
      );
      expect(await ask('GET', `${url}/mock/mail`)).to.deep.include({ status: 503, body: { error: 'away' } });
      await createMockService('mail', { ...PLENTY, errorSimulation: { rate: 1 } }, url);
      expect(await ask('GET', `${url}/mock/mail`)).to.deep.include({
        status: 500,
        body: { error: 'internal_server_error' },
      });
      await createMockService('mail', { ...PLENTY, errorSimulation: { rate: 0 } }, url);
      expect(await ask('GET', `${url}/mock/mail`)).to.include({ status: 200 });
    });

    it('TEM-65: fails before the limits: that takes no slot and no token', async () => {
      const config = { maxConcurrency: 1, rateLimit: { limit: 1, windowMs: 3_600_000 }, delayMs: NO_DELAY };
      await createMockService('mail', { ...config, errorSimulation: { rate: 1 } }, url);
      const answers = await Promise.all(Array.from({ length: 5 }, () => ask('GET', `${url}/mock/mail`)));
      expect(answers.map(({ status }) => status)).to.deep.equal([500, 500, 500, 500, 500]);
      expect(getServerState().services.get('mail')).to.deep.include({ running: 0 });
      expect(getServerState().services.get('mail')?.counts).to.include({ simulatedErrors: 5, accepted: 0 });
    });

    it('TEM-66: POST /shutdown is answered, then the port is closed, whatever is under way', async () => {
      await createMockService('mail', { ...PLENTY, delayMs: FOR_EVER }, url);
      await occupy(url, 'mail');
      const { status, body } = await ask('POST', `${url}/shutdown`);
      expect({ status, body }).to.deep.equal({ status: 200, body: { status: 'shutting_down' } });
      await stopMockServer();
      expect(await failureOf(fetch(url))).to.be.instanceOf(TypeError);
    });

    it('TEM-66: a request that never comes to its end does not keep the server', async () => {
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      socket.write(
        'POST /service/mail HTTP/1.1\r\nHost: mock\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n',
      );
      await once(socket, 'data');
      await ask('POST', `${url}/shutdown`);
      await stopMockServer();
      socket.destroy();
    });

    it('TEM-67: stopMockServer closes the port and forgets the services', async () => {
      await createMockService('mail', PLENTY, url);
      expect(getServerState().services.has('mail')).to.equal(true);
      await stopMockServer();
      expect(getServerState()).to.deep.equal({
        services: new Map(),
        mode: 'multi',
        hasDefaultService: false,
      });
      expect(await failureOf(fetch(url))).to.be.instanceOf(TypeError);
    });

    it('TEM-67: createMockService refuses a name that no URL can say', async () => {
      for (const name of ['.', '..'])
        expect(await errorOf(() => createMockService(name, PLENTY, url))).to.include({
          code: 'PE_CONFIG',
          key: 'name',
        });
    });

    it('TEM-67: createMockService takes any other name', async () => {
      const name = 'mail/of a shop?';
      expect((await createMockService(name, PLENTY, url)).status).to.equal(201);
      expect([...getServerState().services.keys()]).to.deep.equal([name]);
      expect(await ask('GET', `${url}/mock/${encodeURIComponent(name)}`)).to.include({ status: 200 });
    });
  });

  describe('in mode single', () => {
    it('TEM-59: needs a defaultService', async () => {
      expect(await errorOf(() => startMockServer({ port: 0, mode: 'single' }))).to.include({
        code: 'PE_CONFIG',
        key: 'defaultService',
      });
      const wrong = { ...PLENTY, maxConcurrency: 0 };
      expect(
        await errorOf(() => startMockServer({ port: 0, mode: 'single', defaultService: wrong })),
      ).to.include({
        key: 'maxConcurrency',
      });
    });

    it('TEM-59: refuses a mode that there is not, and a defaultService that would not be used', async () => {
      expect(await errorOf(() => startMockServer({ mode: 'double' as 'multi' }))).to.include({ key: 'mode' });
      expect(await errorOf(() => startMockServer({ defaultService: PLENTY }))).to.include({
        key: 'defaultService',
      });
    });

    it('TEM-60: has its one service at /, and nothing to create or name', async () => {
      ({ url } = await startMockServer({ port: 0, mode: 'single', defaultService: PLENTY }));
      for (const method of ['GET', 'POST']) expect(await ask(method, url)).to.include({ status: 200 });
      for (const method of ['POST', 'DELETE'])
        expect(await ask(method, `${url}/service/mail`)).to.deep.include({
          status: 400,
          body: { error: 'single_mode_no_create' },
        });
      expect(await ask('GET', `${url}/mock/mail`)).to.nested.include({
        status: 400,
        'body.error': 'invalid_params',
      });
      expect(getServerState()).to.include({ mode: 'single', hasDefaultService: true });
    });
  });

  it('TEM-64: looks at what is under way first: a request refused for that takes no token', async () => {
    const rateLimit = { limit: 2, windowMs: 3_600_000 };
    const service = new MockService(checkService({ maxConcurrency: 1, rateLimit, delayMs: FOR_EVER }));
    for (let round = 1; round <= 2; round += 1) {
      const end = new AbortController();
      const underWay = failureOf(service.answer(end.signal));
      expect(service.counts.accepted).to.equal(round);
      expect(await service.answer(end.signal)).to.include({ status: 503 });
      end.abort();
      await underWay;
    }
    expect(await service.answer(new AbortController().signal)).to.include({ status: 429 });
  });

  it('TEM-67: createErrorSimulation refuses a rate outside of 0 to 1', () => {
    expect(createErrorSimulation(0.5, 503, 'away')).to.deep.equal({
      rate: 0.5,
      statusCode: 503,
      errorMessage: 'away',
    });
    expect(createErrorSimulation(1)).to.deep.equal({ rate: 1 });
    for (const rate of [-0.01, 1.01, Number.NaN]) expect(() => createErrorSimulation(rate)).to.throw(/rate/);
  });

  it('tells servers of one process apart, and stops them all', async () => {
    const [first, second] = [await startMockServer({ port: 0 }), await startMockServer({ port: 0 })];
    await createMockService('mail', PLENTY, first.url);
    expect(await ask('GET', `${second.url}/mock/mail`)).to.include({ status: 404 });
    await stopMockServer();
    await Promise.all([first.stopped, second.stopped]);
  });

  for (const config of [null, 5, [], 'port'])
    it(`refuses ${JSON.stringify(config)} as its configuration, with what it expects`, async () => {
      expect(await errorOf(() => startMockServer(config as object))).to.include({
        code: 'PE_CONFIG',
        message: 'startMockServer: expected { port, host, mode, defaultService }',
      });
    });

  it('rejects when its port is taken', async () => {
    const { port } = await startMockServer({ port: 0 });
    expect(await failureOf(startMockServer({ port }))).to.include({ code: 'EADDRINUSE' });
  });
});

describe('program-executor mock-api', function () {
  this.timeout(60_000);
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill('SIGKILL'));
  afterEach(removeTempFolders);

  /** Starts it as a process of its own; gives what it prints first, and its end. */
  async function start(...args: string[]): Promise<{ listening: any; exited: Promise<number | null> }> {
    const started = spawn(process.execPath, [MAIN, 'mock-api', '--port', '0', '--json', ...args], {
      env: plainEnv(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    const exited = once(started, 'exit').then(([code]) => code as number | null);
    const [line] = (await once(createInterface(started.stdout), 'line')) as [string];
    return { listening: JSON.parse(line), exited };
  }

  it('TEM-66: serves mode multi by default; its process ends with 0 after POST /shutdown', async () => {
    const { listening, exited } = await start();
    expect(listening).to.deep.include({ event: 'listening', mode: 'multi' });
    expect((await createMockService('mail', PLENTY, listening.url)).status).to.equal(201);
    expect(await ask('POST', `${listening.url}/shutdown`)).to.include({ status: 200 });
    expect(await exited).to.equal(0);
  });

  it('TEM-59: serves mode single with the limits of its options', async () => {
    const { listening } = await start(
      '--mode',
      'single',
      '--rate-limit',
      '1',
      '--window-ms',
      '3600000',
      '--delay-ms',
      '0,1',
    );
    expect(await ask('GET', listening.url)).to.include({ status: 200 });
    expect(await ask('GET', listening.url)).to.include({ status: 429 });
  });

  it('TEM-65: fails as its options say', async () => {
    const { listening } = await start('--mode', 'single', '--error-rate', '1', '--error-status', '504');
    expect(await ask('GET', listening.url)).to.include({ status: 504 });
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    it(`stops on ${signal} with ${code}`, async () => {
      const { exited } = await start();
      child?.kill(signal);
      expect(await exited).to.equal(code);
    });

  const wrong: [fault: string, args: string[], said: RegExp][] = [
    ['an option that it does not know', ['--ports', '1'], /unknown option '--ports'/],
    ['a mode that there is not', ['--mode', 'double'], /mode: expected 'multi' or 'single'/],
    ['a port that there is not', ['--port', '70000'], /port: expected/],
    ['a port that is no number', ['--port', 'x'], /Expected a number/],
    [
      'a limit of the one service in mode multi',
      ['--rate-limit', '5'],
      /--rate-limit: only with --mode single/,
    ],
    ['a delay that is no range', ['--mode', 'single', '--delay-ms', '5'], /delayMs: expected/],
    ['an error rate above 1', ['--mode', 'single', '--error-rate', '2'], /errorSimulation.rate: expected/],
  ];
  for (const [fault, args, said] of wrong)
    it(`exits with 2 for ${fault}`, async () => {
      const { code, stderr } = await runCli(['mock-api', ...args], { cwd: await tempFolder({}) });
      expect(stderr).to.match(said);
      expect(code).to.equal(2);
    });

  it('exits with 1 when its port is taken', async () => {
    const { listening } = await start();
    const args = ['mock-api', '--port', String(listening.port)];
    const { code, stderr } = await runCli(args, { cwd: await tempFolder({}) });
    expect({ code, stderr }).to.deep.equal({
      code: 1,
      stderr: `error: listen EADDRINUSE: address already in use 127.0.0.1:${listening.port}\n`,
    });
  });
});
