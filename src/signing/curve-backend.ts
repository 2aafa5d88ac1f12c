/** What an implementation of secp256k1 must do to sign and recover here. */

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
