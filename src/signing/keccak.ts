/**
 * keccak-256 behind one small door: WebAssembly where it loads and agrees with `@noble/hashes` at start-up, else that
 * package. A hash that is fast and wrong would sign something else.
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from './bytes.ts'
import { loadKeccakWasm } from './keccak-wasm.ts'

/** @returns 32 fresh bytes */
export type Keccak256 = (bytes: Uint8Array) => Uint8Array

export interface KeccakChoice {
  readonly keccak256: Keccak256
  readonly name: string
  /** Why it is not the fast one; null when it is. */
  readonly because: string | null
}

/** Around the ends of blocks, where padding goes wrong. */
const CHECKED_LENGTHS: readonly number[] = [0, 1, 64, 135, 136, 137, 272, 1_000]

/** @param load makes the fast one; throws when it cannot */
export function chooseKeccak(load: () => Keccak256): KeccakChoice {
  const plain = (because: string): KeccakChoice => ({ keccak256: keccak_256, name: '@noble/hashes', because })
  try {
    const fast = load()
    const isSame = CHECKED_LENGTHS.every((length) => {
      const bytes = Uint8Array.from({ length }, (_, index) => (length * 31 + index * 7) & 0xff)
      return bytesToHex(fast(bytes)) === bytesToHex(keccak_256(bytes))
    })
    if (!isSame) return plain('the WebAssembly hashes differently')
    return { keccak256: fast, name: 'WebAssembly', because: null }
  } catch (error) {
    return plain(`the WebAssembly cannot be used: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export const keccakChoice: KeccakChoice = chooseKeccak(loadKeccakWasm)
export const keccak256: Keccak256 = keccakChoice.keccak256
