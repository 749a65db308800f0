/**
 * The answers to statements that were sent together. When one fails, the others are waited for all the same: whoever
 * rolls back does not want them to come after that. Rejects with the fault of the first.
 */
export async function together<T extends readonly unknown[]>(
  answers: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(answers);
  return Promise.all(answers);
}
