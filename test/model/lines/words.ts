/** The words of a state, in the order of the digits that stand for them in its text. */
export const READIES = ['none', 'now', 'later'] as const;
export const TURNS = ['closed', 'now', 'later'] as const;
export const LEASES = ['none', 'valid', 'expired'] as const;
export const ENDINGS = [null, 'finish', 'fail', 'retry'] as const;
