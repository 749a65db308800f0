import type { GroupTransaction, NewProgram } from '../../../../src/program-handler/dialects/dialect.js';
import type { Operation } from '../operation.js';
import type { Move, Program } from '../state.js';

/** Changes the statements of a transaction. What is put `aside` is inserted after it, whatever becomes of it. */
type Alter = (trx: GroupTransaction, aside: NewProgram[]) => GroupTransaction;

/** Shows the database other rows of programs, in which a part of a guard holds. */
interface Showing {
  readonly meets: (program: Program) => Program;
  /** What became of what was shown, for the program that was really there. */
  readonly means: (became: Program, was: Program) => Program;
}

/** A part of the protocol that is taken out: the code is the real one, but not all that it says is heard. */
export interface Mutation {
  readonly title: string;
  /** Who has to intervene for it to show itself; left out: nobody. */
  readonly people?: 'resume' | 'by hand';
  /** By the kind of operation in which it is changed. */
  readonly alters?: Partial<Record<Operation['kind'], Alter>>;
  readonly shows?: Partial<Record<Operation['kind'], Showing>>;
  readonly allows?: (move: Move) => boolean;
}

export function rewriting(part: RegExp, by: string): Alter {
  return (trx) => ({
    ...trx,
    read: (text, values) => trx.read(text.replace(part, by), values),
    run: (text, values) => trx.run(text.replace(part, by), values),
  });
}

export function leavingOut(statement: RegExp): Alter {
  return (trx) => ({
    ...trx,
    read: (text, values) => (statement.test(text) ? Promise.resolve([]) : trx.read(text, values)),
    run: (text, values) => (statement.test(text) ? Promise.resolve() : trx.run(text, values)),
  });
}

export function forgetting(column: string): Alter {
  return (trx) => ({
    ...trx,
    read: async (text, values) => (await trx.read(text, values)).map((row) => ({ ...row, [column]: null })),
  });
}
