/**
 * secp256k1 behind one small door: the only file that knows which implementation signs and recovers, so that a
 * faster one can be put behind `CurveBackend` after it has proved itself against this one at start-up.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'

/** r and s of 32 bytes each, and which of the two possible public keys it was. */
export interface RawSignature {
  readonly r: Uint8Array
  readonly s: Uint8Array
  readonly recovery: 0 | 1
}

export interface CurveBackend {
  readonly name: string
  /** Deterministic (RFC 6979) with low s. @param privateKey 32 bytes */
  sign(digest: Uint8Array, privateKey: Uint8Array): RawSignature
  /** @returns 65 bytes, uncompressed; null when no key fits the signature */
  recover(digest: Uint8Array, signature: RawSignature): Uint8Array | null
  /** @returns 65 bytes, uncompressed; null when the bytes are not a key of the curve */
  publicKeyOf(privateKey: Uint8Array): Uint8Array | null
}

const noble: CurveBackend = {
  name: '@noble/curves',

  sign(digest, privateKey) {
    const bytes = secp256k1.sign(digest, privateKey, { prehash: false, lowS: true, format: 'recovered' })
    return { r: bytes.slice(1, 33), s: bytes.slice(33, 65), recovery: bytes[0] === 1 ? 1 : 0 }
  },

  recover(digest, signature) {
    const bytes = new Uint8Array(65)
    bytes[0] = signature.recovery
    bytes.set(signature.r, 1)
    bytes.set(signature.s, 33)
    try {
      const compressed = secp256k1.recoverPublicKey(bytes, digest, { prehash: false })
      return secp256k1.Point.fromBytes(compressed).toBytes(false)
    } catch {
      // The library throws for every r or s off the curve; a stranger's bad signature is an answer, not a fault.
      return null
    }
  },

  publicKeyOf(privateKey) {
    return secp256k1.utils.isValidSecretKey(privateKey) ? secp256k1.getPublicKey(privateKey, false) : null
  },
}

export const curve: CurveBackend = noble
