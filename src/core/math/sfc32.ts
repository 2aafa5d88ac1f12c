/**
 * sfc32: a small fast counting generator; its whole state is four words, so it goes into a snapshot.
 *
 * source  Chris Doty-Humphrey, PractRand (2010); passes PractRand beyond 2^40 bytes.
 */

/** Four unsigned 32-bit words. Plain numbers, JSON-safe. */
export interface Sfc32 {
  a: number
  b: number
  c: number
  counter: number
}

/** Words thrown away after seeding, so that near seeds give unrelated sequences. */
const WARMUP_ROUNDS = 15

/**
 * @param seed   any whole number; its low and high 32 bits are both used
 * @param stream separates generators of one seed (price process, takers, …)
 */
export function initSfc32(seed: number, stream = 0): Sfc32 {
  const state: Sfc32 = { a: seed >>> 0, b: Math.floor(seed / 2 ** 32) >>> 0, c: stream >>> 0, counter: 1 }
  for (let round = 0; round < WARMUP_ROUNDS; round += 1) nextUint32(state)
  return state
}

export function nextUint32(state: Sfc32): number {
  const sum = (state.a + state.b + state.counter) >>> 0
  state.counter = (state.counter + 1) >>> 0
  state.a = (state.b ^ (state.b >>> 9)) >>> 0
  state.b = (state.c + (state.c << 3)) >>> 0
  state.c = (((state.c << 21) | (state.c >>> 11)) + sum) >>> 0
  return sum
}

/** Uniform on [0, 1) with 53 bits. */
export function nextUnit(state: Sfc32): number {
  const high = nextUint32(state) >>> 5
  const low = nextUint32(state) >>> 6
  return (high * 67108864 + low) / 9007199254740992
}

/** Standard normal by Box–Muller, one value a call (the sine twin is not kept: state stays four words). */
export function nextNormal(state: Sfc32): number {
  const radius = Math.sqrt(-2 * Math.log(1 - nextUnit(state)))
  return radius * Math.cos(2 * Math.PI * nextUnit(state))
}

/** Exponential with the given mean (> 0). */
export function nextExponential(state: Sfc32, mean: number): number {
  return -mean * Math.log(1 - nextUnit(state))
}

/** Uniform whole number on [0, bound). */
export function nextBelow(state: Sfc32, bound: number): number {
  return Math.floor(nextUnit(state) * bound)
}
