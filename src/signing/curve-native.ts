/**
 * secp256k1 by the C library of Bitcoin, from the binaries inside the package `secp256k1`: about 25 times as fast as plain
 * TypeScript. There is none for every platform, so it is loaded at run time and may be missing.
 */
import { createRequire } from 'node:module'
import type { CurveBackend } from './curve-backend.ts'

/** The part of the package that is used. */
export interface Secp256k1 {
  ecdsaSign(
    digest: Uint8Array,
    privateKey: Uint8Array,
  ): { readonly signature: Uint8Array; readonly recid: number }
  ecdsaRecover(signature: Uint8Array, recid: number, digest: Uint8Array, isCompressed: boolean): Uint8Array
  publicKeyCreate(privateKey: Uint8Array, isCompressed: boolean): Uint8Array
  privateKeyVerify(privateKey: Uint8Array): boolean
}

/**
 * The binding itself: the package's own entry would fall back to a slow implementation without a word.
 * @throws Error when there is no binary for this platform
 */
export function loadSecp256k1(): Secp256k1 {
  return createRequire(import.meta.url)('secp256k1/bindings.js') as Secp256k1
}

export function nativeCurve(native: Secp256k1): CurveBackend {
  /** r and s of the signature at hand: written over each time. */
  const both = new Uint8Array(64)
  return {
    name: 'secp256k1 (native)',

    sign(digest, privateKey) {
      const { signature, recid } = native.ecdsaSign(digest, privateKey)
      return { r: signature.slice(0, 32), s: signature.slice(32, 64), recovery: recid === 1 ? 1 : 0 }
    },

    recover(digest, { r, s, recovery }) {
      both.set(r, 0)
      both.set(s, 32)
      try {
        return native.ecdsaRecover(both, recovery, digest, false)
      } catch {
        // The library throws for every r or s off the curve; a stranger's bad signature is an answer, not a fault.
        return null
      }
    },

    publicKeyOf(privateKey) {
      return native.privateKeyVerify(privateKey) ? native.publicKeyCreate(privateKey, false) : null
    },
  }
}
