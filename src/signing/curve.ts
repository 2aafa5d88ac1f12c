/**
 * secp256k1 behind one small door: the native library where it loads and agrees with plain TypeScript on fixed vectors at
 * start-up, else plain TypeScript. A curve that is fast and wrong would sign for somebody else.
 */
import { bytesToHex } from './bytes.ts'
import type { CurveBackend, RawSignature } from './curve-backend.ts'
import { loadSecp256k1, nativeCurve, type Secp256k1 } from './curve-native.ts'
import { nobleCurve } from './curve-noble.ts'

export type { CurveBackend, RawSignature } from './curve-backend.ts'

export interface CurveChoice {
  readonly curve: CurveBackend
  /** Why it is not the native one; null when it is. */
  readonly because: string | null
}

/** Bytes from which the vectors are made; the first gives a v of 27, the second of 28. */
const VECTOR_SEEDS: readonly number[] = [3, 4]

/** @param load loads the native library; throws when there is none */
export function chooseCurve(load: () => Secp256k1): CurveChoice {
  try {
    const native = nativeCurve(load())
    const difference = differenceBetween(native, nobleCurve)
    if (difference === null) return { curve: native, because: null }
    return { curve: nobleCurve, because: `the native library ${difference}` }
  } catch (error) {
    const text = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return { curve: nobleCurve, because: `the native library cannot be used: ${text}` }
  }
}

/** @returns what differs, in words; null when both do the same */
function differenceBetween(candidate: CurveBackend, known: CurveBackend): string | null {
  const recoveries = new Set<number>()
  for (const seed of VECTOR_SEEDS) {
    const privateKey = Uint8Array.from({ length: 32 }, (_, index) => (seed * 37 + index * 11) & 0xff)
    const digest = Uint8Array.from({ length: 32 }, (_, index) => (seed * 91 + index * 29) & 0xff)
    const wanted = known.sign(digest, privateKey)
    recoveries.add(wanted.recovery)
    if (textOf(candidate.sign(digest, privateKey)) !== textOf(wanted)) return 'signs differently'
    const key = known.publicKeyOf(privateKey)
    if (!isSame(candidate.publicKeyOf(privateKey), key)) return 'derives another public key'
    if (!isSame(candidate.recover(digest, wanted), key)) return 'recovers another public key'
    const flipped: RawSignature = { ...wanted, recovery: wanted.recovery === 1 ? 0 : 1 }
    if (!isSame(candidate.recover(digest, flipped), known.recover(digest, flipped)))
      return 'recovers another public key'
  }
  const zero = new Uint8Array(32)
  if (candidate.publicKeyOf(zero) !== null) return 'takes the key zero'
  if (candidate.recover(zero, { r: zero, s: zero, recovery: 0 }) !== null) return 'takes the signature zero'
  return recoveries.size === 2 ? null : 'was not tried on both recoveries'
}

function textOf({ r, s, recovery }: RawSignature): string {
  return `${bytesToHex(r)} ${bytesToHex(s)} ${recovery}`
}

function isSame(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one !== null && other !== null && bytesToHex(one) === bytesToHex(other)
}

export const curveChoice: CurveChoice = chooseCurve(loadSecp256k1)
export const curve: CurveBackend = curveChoice.curve
