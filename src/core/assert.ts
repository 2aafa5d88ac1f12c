/** Assertions that stay on in production: a broken invariant stops the machine before it costs money. */

/** A bug of ours. Never caught in the core; the runtime pulls the quotes, writes a snapshot and exits. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/**
 * Checks a truth that must hold.
 * @param truth    what must be true
 * @param sentence the truth in words, as it must hold ("fill size is a positive whole number of lots")
 * @throws InvariantError when it does not hold
 */
export function assert(truth: boolean, sentence: string): asserts truth {
  if (!truth) throw new InvariantError(sentence)
}

/** The end of an exhaustive `switch`: compiles only when every variant was handled. */
export function assertNever(value: never): never {
  throw new InvariantError(`unhandled variant ${JSON.stringify(value)}`)
}

/** True for a whole number that a float64 holds exactly. */
export function isWhole(value: number): boolean {
  return Number.isSafeInteger(value)
}
