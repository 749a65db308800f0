/** What is said of a program whose turn came too late, and of no other. */
export const EXPIRED = 'Expired: it was not to be started after its expiresAt';
