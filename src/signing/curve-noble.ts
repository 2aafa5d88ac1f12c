/** secp256k1 in plain TypeScript, by `@noble/curves`: runs everywhere, and is what every other implementation is measured by. */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import type { CurveBackend } from './curve-backend.ts'

export const nobleCurve: CurveBackend = {
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
