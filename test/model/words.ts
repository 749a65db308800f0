/** The words of a state, in the order of the digits that stand for them in its text. */
export const DUES = ['parked', 'later', 'fresh', 'due'] as const;
export const LEASES = ['none', 'valid', 'expired'] as const;
export const DOUBTS = [null, 'renewal', 'jobData'] as const;
export const LOSSES = [null, 'cancelled', 'lost'] as const;
