/**
 * The constants of keccak-f[1600], computed as the specification defines them.
 * @see https://keccak.team/keccak_specs_summary.html
 */

export const KECCAK_ROUNDS = 24
/** Bytes of input a block, for digests of 256 bits. */
export const RATE_BYTES = 136

/** By how many bits each lane turns; lanes are numbered x + 5y. */
export const RHO_OFFSETS: readonly number[] = rhoOffsets()
/** What is added to the first lane, round by round. */
export const ROUND_CONSTANTS: readonly bigint[] = roundConstants()

/** Along the way (x, y) → (y, 2x + 3y) from (1, 0), the step number t gives the triangular number of t + 1. */
function rhoOffsets(): number[] {
  const offsets = Array.from({ length: 25 }, () => 0)
  let x = 1
  let y = 0
  for (let step = 0; step < 24; step += 1) {
    offsets[x + 5 * y] = (((step + 1) * (step + 2)) / 2) % 64
    const turned = (2 * x + 3 * y) % 5
    x = y
    y = turned
  }
  return offsets
}

/** Bits 2^j − 1 of each constant come from a shift register with the polynomial x^8 + x^6 + x^5 + x^4 + 1. */
function roundConstants(): bigint[] {
  let register = 1
  return Array.from({ length: KECCAK_ROUNDS }, () => {
    let constant = 0n
    for (let power = 0; power <= 6; power += 1) {
      if ((register & 1) === 1) constant |= 1n << BigInt(2 ** power - 1)
      register = register & 0x80 ? ((register << 1) ^ 0x171) & 0xff : register << 1
    }
    return constant
  })
}
