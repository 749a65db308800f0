import { anObject, checkCriteria, checkSettings, type Check } from '../config/index.js';
import { ConfigError } from '../errors/index.js';
import { checkCallback, type NewBatch } from '../program-handler/index.js';
import { payloadJson, type PayloadLimits } from '../program/json-payload.js';
import type { InterruptionCriteria } from '../program/interruption.js';
import { isName } from '../program/names.js';
import type { BatchInput } from './batch.js';

const isText: Check = ['a text of 1 to 255 characters, without NUL', isName];

const BATCH: Readonly<Record<keyof BatchInput, Check>> = {
  code: isText,
  type: isText,
  metadata: anObject,
  interruption: anObject,
  onComplete: anObject,
};

/**
 * A batch as it is to be written.
 * @param defaults the criteria of the executor
 * @throws ConfigError, InvalidProgramError, PayloadTooLargeError naming the field
 */
export function checkBatch(
  input: BatchInput,
  defaults: InterruptionCriteria | undefined,
  limits: PayloadLimits,
): NewBatch {
  if (!anObject[1](input))
    throw new ConfigError('batch', 'expected { code, type, metadata, interruption, onComplete }');
  checkSettings(input, BATCH, 'batch.');
  const { code, type, metadata, interruption, onComplete } = input;
  if (!isName(code)) throw new ConfigError('batch.code', 'is missing');
  return {
    code,
    type: type ?? null,
    metadata: metadata === undefined ? null : payloadJson('metadata', metadata, limits),
    criteria: { ...defaults, ...given(checkCriteria(interruption ?? {}, 'batch.interruption.')) },
    onComplete: onComplete === undefined ? undefined : checkCallback('onComplete', onComplete, limits),
  };
}

/** What is undefined counts as left out. */
function given(criteria: InterruptionCriteria): InterruptionCriteria {
  return Object.fromEntries(Object.entries(criteria).filter(([, value]) => value !== undefined));
}
