import { expectTypeOf } from 'expect-type';
import type {
  BulkOptions,
  CreateOptions,
  DefinedJob,
  ProgramExecutor,
  ProgramOf,
  ProgramSource,
} from '../../index.js';

type Library = { readonly a: DefinedJob<'a'> };
type Program = ProgramOf<Library>;

// For their types only: none of the calls below is made.
declare const executor: ProgramExecutor<Library>;
declare const programs: readonly Program[];
declare const stream: AsyncGenerator<Program>;
declare const source: ProgramSource<Program>;

describe('the types of createPrograms', () => {
  it('give the runIds of an array', () => {
    const ofLiteral = () => executor.createPrograms([{ jobs: ['a'] }]);
    const ofArray = (options: BulkOptions) => executor.createPrograms(programs, options);
    expectTypeOf(ofLiteral).returns.resolves.toEqualTypeOf<string[]>();
    expectTypeOf(ofArray).returns.resolves.toEqualTypeOf<string[]>();
  });

  it('give the number of what a source yields', () => {
    const ofIterable = () => executor.createPrograms(new Set(programs));
    const ofAsyncIterable = () => executor.createPrograms(stream);
    const ofEither = (options: BulkOptions) => executor.createPrograms(source, options);
    expectTypeOf(ofIterable).returns.resolves.toEqualTypeOf<{ created: number }>();
    expectTypeOf(ofAsyncIterable).returns.resolves.toEqualTypeOf<{ created: number }>();
    expectTypeOf(ofEither).returns.resolves.toEqualTypeOf<{ created: number }>();
  });

  it('know the jobs of the library', () => {
    // @ts-expect-error: no such job
    const inArray = () => executor.createPrograms([{ jobs: ['b'] }]);
    // @ts-expect-error: no such job
    const inSource = () => executor.createPrograms(new Set<{ jobs: 'b'[] }>());
    expectTypeOf([inArray, inSource]).toBeArray();
  });

  it('take every option but a runId, which belongs to a single program', () => {
    expectTypeOf<BulkOptions>().toEqualTypeOf<Omit<CreateOptions, 'runId'>>();
    // @ts-expect-error: one runId for many
    const withRunId = () => executor.createPrograms(programs, { runId: 'x' });
    expectTypeOf(withRunId).toBeFunction();
  });
});
