/** Signatures as they travel: hexadecimal r and s and v of 27 or 28; and as bytes. */
import { addressOfPublicKey } from './address.ts'
import { bytesToHex, type Hex, hexToBytes } from './bytes.ts'
import { curve, type RawSignature } from './curve.ts'

export interface Signature {
  readonly r: Hex
  readonly s: Hex
  readonly v: 27 | 28
}

/** @param privateKey 32 bytes, as `parsePrivateKey` returns them */
export function signDigest(digest: Uint8Array, privateKey: Uint8Array): Signature {
  const raw = curve.sign(digest, privateKey)
  return { r: bytesToHex(raw.r), s: bytesToHex(raw.s), v: raw.recovery === 1 ? 28 : 27 }
}

/** @returns the address whose key signed `digest`, lower case; null when the signature is of no key */
export function recoverAddress(digest: Uint8Array, signature: RawSignature): Hex | null {
  const publicKey = curve.recover(digest, signature)
  return publicKey === null ? null : addressOfPublicKey(publicKey)
}

/**
 * Reads a signature as clients send it: r and s may lack leading zeros (the Python SDK prints integers), v may
 * be 0 or 1 instead of 27 or 28.
 * @returns null when it is not a signature
 */
export function parseSignature(wire: {
  readonly r: string
  readonly s: string
  readonly v: number
}): RawSignature | null {
  const r = hexToBytes(wire.r, 32)
  const s = hexToBytes(wire.s, 32)
  const recovery = wire.v >= 27 ? wire.v - 27 : wire.v
  if (r === null || s === null || (recovery !== 0 && recovery !== 1)) return null
  return { r, s, recovery }
}

/** r, s and v in one text of 65 bytes, as wallets return it. */
export function toCompactHex(signature: Signature): Hex {
  return `0x${signature.r.slice(2)}${signature.s.slice(2)}${signature.v.toString(16)}`
}
