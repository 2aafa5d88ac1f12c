import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesToHex } from '../../src/signing/bytes.ts'
import { chooseCurve, curveChoice } from '../../src/signing/curve.ts'
import type { RawSignature } from '../../src/signing/curve-backend.ts'
import { loadSecp256k1, nativeCurve, type Secp256k1 } from '../../src/signing/curve-native.ts'
import { nobleCurve } from '../../src/signing/curve-noble.ts'
import { agentDigest } from '../../src/signing/l1-action.ts'
import { hashAction } from '../../src/signing/action-hash.ts'
import { parsePrivateKey } from '../../src/signing/address.ts'
import { L1_VECTORS, VECTOR_KEY } from './vectors.ts'

const native = nativeCurve(loadSecp256k1())
const backends = [nobleCurve, native]
/** The published signatures were made by neither of the two. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

describe.each(backends)('$name', (curve) => {
  test.each(L1_VECTORS)('signs $name on $network as published', (vector) => {
    const envelope = {
      action: vector.action,
      nonce: 0,
      vaultAddress: vector.vault ?? null,
      expiresAfterMs: null,
    }
    const signature = curve.sign(
      agentDigest(hashAction(envelope), vector.network),
      parsePrivateKey(VECTOR_KEY),
    )
    expect(BigInt(bytesToHex(signature.r))).toBe(BigInt(vector.r))
    expect(BigInt(bytesToHex(signature.s))).toBe(BigInt(vector.s))
    expect(signature.recovery + 27).toBe(vector.v)
  })

  test('takes no key of zero and none beyond the order', () => {
    expect(curve.publicKeyOf(new Uint8Array(32))).toBeNull()
    expect(curve.publicKeyOf(new Uint8Array(32).fill(255))).toBeNull()
  })
})

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const shown = (bytes: Uint8Array | null): string | null => (bytes === null ? null : bytesToHex(bytes))

describe('the two implementations', () => {
  test('sign every digest with every key alike, with a low s, and recover the same key', () => {
    const law = fc.property(bytes32, bytes32, (digest, privateKey) => {
      const key = nobleCurve.publicKeyOf(privateKey)
      expect(shown(native.publicKeyOf(privateKey))).toBe(shown(key))
      if (key === null) return
      const signature = native.sign(digest, privateKey)
      expect(signature).toEqual(nobleCurve.sign(digest, privateKey))
      expect(BigInt(bytesToHex(signature.s))).toBeLessThanOrEqual(HALF_ORDER)
      expect(shown(native.recover(digest, signature))).toBe(shown(key))
    })
    fc.assert(law, { numRuns: 60 })
  })

  test('agree on whatever a stranger sends: any r, any s, any recovery', () => {
    const edge = fc.constantFrom(
      new Uint8Array(32),
      new Uint8Array(32).fill(255),
      Uint8Array.from({ length: 32 }, (_, index) => (index === 31 ? 1 : 0)),
    )
    const part = fc.oneof(bytes32, edge)
    const law = fc.property(
      bytes32,
      part,
      part,
      fc.constantFrom(0 as const, 1 as const),
      (digest, r, s, v) => {
        const signature: RawSignature = { r, s, recovery: v }
        expect(shown(native.recover(digest, signature))).toBe(shown(nobleCurve.recover(digest, signature)))
      },
    )
    fc.assert(law, { numRuns: 100 })
  })
})

describe('the choice at start-up', () => {
  test('is the native library where its binary loads', () => {
    expect(curveChoice).toMatchObject({ curve: { name: 'secp256k1 (native)' }, because: null })
  })

  test('falls back to plain TypeScript, and says why, when there is no binary', () => {
    const choice = chooseCurve(() => {
      throw new Error('No native build was found for platform=plan9\n    loaded from: somewhere')
    })
    expect(choice.curve).toBe(nobleCurve)
    expect(choice.because).toBe(
      'the native library cannot be used: No native build was found for platform=plan9',
    )
  })

  const honest = loadSecp256k1()
  const changed = (bytes: Uint8Array): Uint8Array =>
    bytes.map((byte, index) => (index === 40 ? byte ^ 1 : byte))
  const wrong: readonly (readonly [string, Partial<Secp256k1>, RegExp])[] = [
    [
      'signs something else',
      {
        ecdsaSign: (digest, key) => {
          const { signature, recid } = honest.ecdsaSign(digest, key)
          return { signature: changed(signature), recid }
        },
      },
      /signs differently/,
    ],
    [
      'swaps the recovery',
      {
        ecdsaSign: (digest, key) => {
          const { signature, recid } = honest.ecdsaSign(digest, key)
          return { signature, recid: 1 - recid }
        },
      },
      /signs differently/,
    ],
    [
      'recovers another key',
      { ecdsaRecover: (...of) => changed(honest.ecdsaRecover(...of)) },
      /recovers another public key/,
    ],
    [
      'derives another key',
      { publicKeyCreate: (...of) => changed(honest.publicKeyCreate(...of)) },
      /derives another public key/,
    ],
    [
      'takes any key',
      { privateKeyVerify: () => true, publicKeyCreate: zeroTaker(honest) },
      /takes the key zero/,
    ],
    [
      'fails in a new way',
      {
        publicKeyCreate: () => {
          throw new TypeError('no such symbol')
        },
      },
      /cannot be used: no such symbol/,
    ],
  ]
  test.each(wrong)('refuses a library that %s', (_, part, because) => {
    const library: Secp256k1 = {
      ecdsaSign: (...of) => honest.ecdsaSign(...of),
      ecdsaRecover: (...of) => honest.ecdsaRecover(...of),
      publicKeyCreate: (...of) => honest.publicKeyCreate(...of),
      privateKeyVerify: (key) => honest.privateKeyVerify(key),
      ...part,
    }
    const choice = chooseCurve(() => library)
    expect(choice.curve).toBe(nobleCurve)
    expect(choice.because).toMatch(because)
  })
})

function zeroTaker(honest: Secp256k1): Secp256k1['publicKeyCreate'] {
  return (key, isCompressed) =>
    key.some((byte) => byte !== 0) ? honest.publicKeyCreate(key, isCompressed) : new Uint8Array(65)
}
