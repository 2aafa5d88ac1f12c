import { describe, expect, test } from 'vitest'
import { hashAction } from '../../src/signing/action-hash.ts'
import { addressOf, parsePrivateKey } from '../../src/signing/address.ts'
import { bytesToHex } from '../../src/signing/bytes.ts'
import { recoverL1Signer, signL1Action } from '../../src/signing/l1-action.ts'
import { parseSignature } from '../../src/signing/signature.ts'
import { recoverUserSigner, signUserSignedAction } from '../../src/signing/user-signed.ts'
import { L1_VECTORS, SECOND_KEY, USER_SIGNED_VECTORS, VECTOR_KEY } from './vectors.ts'

const NO_OPTIONS = { vaultAddress: null, expiresAfterMs: null }
const SECOND_VAULT = '0x1234567890123456789012345678901234567890'

/** The published numbers lack leading zeros. */
function padded(hex: string): string {
  return `0x${hex.slice(2).padStart(64, '0')}`
}

describe('published L1 signatures', () => {
  test.each(L1_VECTORS)('$name on $network is signed as published', (vector) => {
    const envelope = { ...NO_OPTIONS, action: vector.action, nonce: 0, vaultAddress: vector.vault ?? null }
    const signature = signL1Action(envelope, vector.network, parsePrivateKey(VECTOR_KEY))
    expect(signature).toEqual({ r: padded(vector.r), s: padded(vector.s), v: vector.v })
  })

  test.each(L1_VECTORS)(
    'the signer of $name on $network is recovered from the unpadded numbers',
    (vector) => {
      const envelope = { ...NO_OPTIONS, action: vector.action, nonce: 0, vaultAddress: vector.vault ?? null }
      const signature = parseSignature(vector)
      expect(signature).not.toBeNull()
      if (signature === null) return
      expect(recoverL1Signer(envelope, vector.network, signature)).toBe(addressOf(VECTOR_KEY))
      const otherNetwork = vector.network === 'mainnet' ? 'testnet' : 'mainnet'
      expect(recoverL1Signer(envelope, otherNetwork, signature)).not.toBe(addressOf(VECTOR_KEY))
    },
  )

  test('some published r or s really is short, so that padding is exercised', () => {
    expect(L1_VECTORS.some((vector) => vector.r.length < 66 || vector.s.length < 66)).toBe(true)
  })
})

describe('published action hashes', () => {
  test('an IOC order with the nonce of the official SDK', () => {
    const limit = { limit: { tif: 'Ioc' } }
    const order = { a: 4, b: true, p: '1670.1', s: '0.0147', r: false, t: limit }
    const action = { type: 'order', orders: [order], grouping: 'na' }
    expect(bytesToHex(hashAction({ ...NO_OPTIONS, action, nonce: 1677777606040 }))).toBe(
      '0x0fcbeda5ae3c4950a548021552a4fea2226858c4453571bf3f24ba017eac2908',
    )
  })

  const order = { a: 0, b: true, p: '30000', s: '0.1', r: false, t: { limit: { tif: 'Gtc' } } }
  const action = { type: 'order', orders: [order], grouping: 'na' }
  const nonce = 1234567890

  test.each([
    [null, null, '0x25367e0dba84351148288c2233cd6130ed6cec5967ded0c0b7334f36f957cc90'],
    [SECOND_VAULT, null, '0x214e2ea3270981b6fd18174216691e69f56872663139d396b10ded319cb4bb1e'],
    [null, 1234567890, '0xc30b002ba3775e4c31c43c1dfd3291dfc85c6ae06c6b9f393991de86cad5fac7'],
    [SECOND_VAULT, 1234567890, '0x2d62412aa0fc57441b5189841d81554a6a9680bf07204e1454983a9ca44f0744'],
  ])('vault %s and expiry %s', (vaultAddress, expiresAfterMs, hash) => {
    expect(bytesToHex(hashAction({ action, nonce, vaultAddress, expiresAfterMs }))).toBe(hash)
  })

  test('the second key signs it as published on both networks', () => {
    const key = parsePrivateKey(SECOND_KEY)
    const envelope = { ...NO_OPTIONS, action, nonce }
    expect(addressOf(SECOND_KEY)).toBe('0xe5ca49fb3bd9a581f0d1ef9cb5d7177da08bf901')
    expect(signL1Action(envelope, 'mainnet', key)).toEqual({
      r: '0x61078d8ffa3cb591de045438a1ae2ed299b271891d1943a33901e7cfb3a31ed8',
      s: '0x0e91df4f9841641d3322dad8d932874b74d7e082cdb5b533f804964a6963aef9',
      v: 28,
    })
    expect(signL1Action(envelope, 'testnet', key)).toEqual({
      r: '0x6b0283a894d87b996ad0182b86251cc80d27d61ef307449a2ed249a508ded1f7',
      s: '0x6f884e79f4a0a10af62db831af6f8e03b3f11d899eb49b352f836746ee9226da',
      v: 27,
    })
  })
})

describe('published user-signed signatures', () => {
  test.each(USER_SIGNED_VECTORS)('$action.type of $action.amount', ({ key, action, r, s, v }) => {
    expect(signUserSignedAction(action, parsePrivateKey(key))).toEqual({ r, s, v })
    const signature = parseSignature({ r, s, v })
    expect(signature && recoverUserSigner(action, signature)).toBe(addressOf(key))
  })
})
