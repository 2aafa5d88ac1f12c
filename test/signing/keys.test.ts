import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressOf, parsePrivateKey } from '../../src/signing/address.ts'
import { bytesToHex, hexToBytes, SigningError } from '../../src/signing/bytes.ts'
import { encodeMsgpack } from '../../src/signing/msgpack.ts'
import { allocateNonce, initNonceAllocator } from '../../src/signing/nonce-allocator.ts'
import { parseSignature, recoverAddress, signDigest } from '../../src/signing/signature.ts'
import { typedDataDigest, ZERO_ADDRESS } from '../../src/signing/typed-data.ts'
import { userSignedDigest } from '../../src/signing/user-signed.ts'
import { walletOf } from '../../src/signing/wallet.ts'
import { VECTOR_KEY } from './vectors.ts'

const ORDER_OF_CURVE = '0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'

describe('private keys', () => {
  test('the address of a published key is the published address', () => {
    expect(addressOf(VECTOR_KEY)).toBe('0x14791697260e4c9a71f18484c9f997b308e59325')
  })

  const badKeys = [
    ['too short', VECTOR_KEY.slice(0, 64)],
    ['too long', `${VECTOR_KEY}ab`],
    ['without 0x', VECTOR_KEY.slice(2)],
    ['not hexadecimal', `0x${'zy'.repeat(32)}`],
    ['zero', `0x${'00'.repeat(32)}`],
    ['the order of the curve', ORDER_OF_CURVE],
  ] as const
  test.each(badKeys)('a key that is %s is refused with a message that does not hold it', (_, key) => {
    const failure = failureOf(() => addressOf(key))
    expect(failure).toBeInstanceOf(SigningError)
    expect(failure.code).toBe('BAD_KEY')
    expect(`${failure.message} ${failure.stack}`).not.toContain(key.slice(2))
  })

  test('a wallet shows its address and never its key, however it is printed', () => {
    const wallet = walletOf(VECTOR_KEY)
    const printed = `${inspect(wallet, { showHidden: true, depth: 9 })} ${JSON.stringify(wallet)} ${String(wallet)}`
    expect(printed).toContain(wallet.address)
    expect(printed.toLowerCase()).not.toContain(VECTOR_KEY.slice(2, 30))
  })
})

describe('signatures', () => {
  const key = parsePrivateKey(VECTOR_KEY)

  test('the signer of any digest is recovered, and any other digest gives another address', () => {
    const digests = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(digests, fc.nat(31), (digest, index) => {
        const signature = signDigest(digest, key)
        const raw = parseSignature(signature)
        expect(raw && recoverAddress(digest, raw)).toBe(addressOf(VECTOR_KEY))
        const other = Uint8Array.from(digest)
        other[index] = (other[index] ?? 0) ^ 1
        expect(raw && recoverAddress(other, raw)).not.toBe(addressOf(VECTOR_KEY))
      }),
      { numRuns: 30 },
    )
  })

  test('v may be 0 or 1, and letters may be capitals', () => {
    const digest = new Uint8Array(32).fill(7)
    const { r, s, v } = signDigest(digest, key)
    const raw = parseSignature({ r: `0X${r.slice(2).toUpperCase()}`, s, v: v - 27 })
    expect(raw && recoverAddress(digest, raw)).toBe(addressOf(VECTOR_KEY))
  })

  test.each([
    ['v is 29', { r: '0x1', s: '0x1', v: 29 }],
    ['v is 2', { r: '0x1', s: '0x1', v: 2 }],
    ['r is too long', { r: `0x${'1'.repeat(65)}`, s: '0x1', v: 27 }],
    ['s is no hex', { r: '0x1', s: 'one', v: 27 }],
  ])('it is not a signature when %s', (_, wire) => {
    expect(parseSignature(wire)).toBeNull()
  })

  test('numbers off the curve recover nobody instead of throwing', () => {
    for (const r of ['0x0', ORDER_OF_CURVE, `0x${'f'.repeat(64)}`]) {
      const raw = parseSignature({ r, s: '0x1', v: 27 })
      expect(raw).not.toBeNull()
      expect(raw && recoverAddress(new Uint8Array(32), raw)).toBeNull()
    }
  })
})

describe('what cannot be signed is refused by name', () => {
  test.each([
    ['an unsafe integer', { n: 2 ** 53 }],
    ['not a number', { n: Number.NaN }],
    ['a function', { f: () => 1 }],
    ['a bigint', { n: 1n }],
  ])('%s in an action', (_, action) => {
    expect(() => encodeMsgpack(action)).toThrow(SigningError)
  })

  test('an action that nests without end', () => {
    let nested: unknown = []
    for (let depth = 0; depth < 100; depth += 1) nested = [nested]
    expect(() => encodeMsgpack(nested)).toThrow(/nests at most/)
  })

  const domain = { name: 'x', version: '1', chainId: 1, verifyingContract: ZERO_ADDRESS }
  test.each([
    ['uint64', 2n ** 64n, /at most 64 bits/],
    ['uint64', -1, /whole number/],
    ['uint64', '5', /whole number/],
    ['address', '0x12', /40 hexadecimal/],
    ['bytes32', 'no', /64 hexadecimal/],
    ['bool', 1, /true or false/],
    ['string', 1, /a text/],
    ['Person', {}, /not one the venue signs/],
  ])('a field of type %s with the value %s', (type, value, message) => {
    const types = { Thing: [{ name: 'field', type }] }
    expect(() => typedDataDigest({ domain, types, primaryType: 'Thing', message: { field: value } })).toThrow(
      message,
    )
  })

  test('an unknown primary type, action type or chain id', () => {
    expect(() => typedDataDigest({ domain, types: {}, primaryType: 'Thing', message: {} })).toThrow(
      /no Thing/,
    )
    expect(() => userSignedDigest({ type: 'toString' })).toThrow(/not a user-signed action/)
    const send = { type: 'usdSend', hyperliquidChain: 'Mainnet', destination: 'x', amount: '1', time: 1 }
    expect(() => userSignedDigest({ ...send, signatureChainId: 'mainnet' })).toThrow(/signatureChainId/)
    expect(() => userSignedDigest(send)).toThrow(/signatureChainId/)
  })
})

test('hexadecimal text and bytes are inverse, and short text is padded on the left', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(hexToBytes(bytesToHex(bytes), bytes.length)).toEqual(bytes)
    }),
  )
  expect(hexToBytes('0xabc', 3)).toEqual(Uint8Array.of(0, 0x0a, 0xbc))
  expect(hexToBytes('abc', 3)).toBeNull()
  expect(hexToBytes('0xabcdef01', 3)).toBeNull()
})

test('nonces rise whatever the clock does, and follow it when it moves on', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2_000_000), { maxLength: 50 }), (clock) => {
      const allocator = initNonceAllocator()
      let last = 0
      for (const nowMs of clock) {
        const nonce = allocateNonce(allocator, nowMs)
        expect(nonce).toBe(Math.max(nowMs, last + 1))
        last = nonce
      }
    }),
  )
  expect(allocateNonce(initNonceAllocator(500), 400)).toBe(501)
})

function failureOf(attempt: () => unknown): SigningError {
  try {
    attempt()
  } catch (error) {
    return error as SigningError
  }
  throw new Error('nothing was thrown')
}
