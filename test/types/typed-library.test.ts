import { expectTypeOf } from 'expect-type';
import { z } from 'zod';
import { defineJob } from '../../src/jobs/index.js';
import type {
  InputOf,
  JobDataHandler,
  JobLibrary,
  JobNameOf,
  ProgramInput,
  ProgramOf,
  ResultOf,
} from '../../src/jobs/index.js';

const fetchPage = defineJob({
  name: 'fetch',
  input: z.object({ url: z.string(), tries: z.number().default(3) }),
  async execute(message, jobData, { input }) {
    expectTypeOf(message.jobs).toEqualTypeOf<readonly string[]>();
    expectTypeOf(input).toEqualTypeOf<{ url: string; tries: number }>();
    expectTypeOf(jobData.get()).resolves.toEqualTypeOf<{ url: string; tries: number }>();
    await jobData.merge({ tries: input.tries - 1 });
    return { bytes: 10 };
  },
});

const count = defineJob({
  name: 'count',
  execute: (_message, jobData: JobDataHandler<{ page: number }>) => jobData.set({ page: 1 }),
});

const free = defineJob({ name: 'free', execute: () => 'done' });

class SendMail {
  static create(programData: { to: string }): SendMail {
    return new SendMail(programData.to);
  }
  constructor(readonly to: string) {}
  execute(_message: unknown, jobData: JobDataHandler<{ sent: boolean }>): Promise<void> {
    return jobData.set({ sent: true });
  }
}

const library = { fetch: fetchPage, count, free, SendMail };
type Library = typeof library;

const accept = (program: ProgramOf<Library>): ProgramOf<Library> => program;

describe('the types of a library', () => {
  it('fit what processPrograms takes', () => {
    expectTypeOf(library).toExtend<JobLibrary>();
  });

  it('keep the name, data and result of a defined job', () => {
    expectTypeOf(fetchPage.name).toEqualTypeOf<'fetch'>();
    expectTypeOf<InputOf<typeof fetchPage>>().toEqualTypeOf<{ url: string; tries?: number | undefined }>();
    expectTypeOf<ResultOf<typeof fetchPage>>().toEqualTypeOf<{ bytes: number }>();
    expectTypeOf<InputOf<typeof count>>().toEqualTypeOf<{ page: number }>();
    expectTypeOf<InputOf<typeof free>>().toEqualTypeOf<Record<string, unknown>>();
    expectTypeOf<ResultOf<typeof free>>().toEqualTypeOf<string>();
  });

  it('take any object as the data of a class job', () => {
    expectTypeOf<InputOf<typeof SendMail>>().toEqualTypeOf<object>();
    accept({ jobs: ['SendMail'], jobData: { SendMail: { anything: 1 } } });
  });

  it('know the job names', () => {
    expectTypeOf<JobNameOf<Library>>().toEqualTypeOf<'fetch' | 'count' | 'free' | 'SendMail'>();
    accept({ jobs: ['fetch', 'count', 'fetch'], programData: { any: 'thing' } });
    // @ts-expect-error: no such job
    accept({ jobs: ['fetch', 'fetsch'] });
  });

  it('know the shape of the data of each job', () => {
    accept({ jobs: ['fetch'], jobData: { fetch: { url: 'x' }, count: { page: 1 } } });
    accept({ jobs: ['fetch'], jobsData: { fetch: { url: 'x', tries: 1 } } });
    // @ts-expect-error: url is a text
    accept({ jobs: ['fetch'], jobData: { fetch: { url: 1 } } });
    // @ts-expect-error: url is missing
    accept({ jobs: ['fetch'], jobsData: { fetch: {} } });
    // @ts-expect-error: data of a job that does not exist
    accept({ jobs: ['fetch'], jobData: { fetsch: { url: 'x' } } });
  });

  it('of an untyped library take any program', () => {
    const program: ProgramInput = { jobs: ['anything'], jobData: { anything: { a: 1 } } };
    const typed: ProgramOf<JobLibrary> = program;
    expectTypeOf(typed).toExtend<ProgramInput>();
    expectTypeOf<ProgramOf<Library>>().toExtend<ProgramInput>();
  });

  it('refuse a wrong definition', () => {
    // @ts-expect-error: a name is a text
    const noName = (): unknown => defineJob({ name: 1, execute: () => 1 });
    // @ts-expect-error: on is 'retryable' or 'any'
    const noPolicy = (): unknown => defineJob({ name: 'a', execute: () => 1, retry: { on: 'never' } });
    // @ts-expect-error: there is no such preset
    const noPreset = (): unknown => defineJob({ name: 'a', execute: () => 1, retry: 'workpol' });
    expectTypeOf([noName, noPolicy, noPreset]).toBeArray();
  });
});
