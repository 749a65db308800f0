import { isClaim, keyOf, type Answer, type Encounter } from './operation.js';
import { Remembered, type Performer } from './remembered.js';

/** What a database answers to statements over one row, asked in groups that one statement can serve. */
export class Answers extends Remembered<Encounter, Answer> {
  constructor(table: Performer<Encounter, Answer>) {
    super(table, keyOf, groupsOf);
  }
}

/** Groups of one kind of operation and, for claims, of one token; no poll sees another's due row. */
export function groupsOf(encounters: readonly Encounter[]): Encounter[][] {
  const groups = new Map<string, Encounter[]>();
  for (const encounter of encounters) {
    const { operation } = encounter;
    const { kind } = operation;
    const name = isClaim(operation) ? `${kind} ${operation.token}` : kind;
    const group = groups.get(name);
    if (group && kind !== 'poll') group.push(encounter);
    else groups.set(group ? `${name} ${groups.size}` : name, [encounter]);
  }
  return [...groups.values()];
}
