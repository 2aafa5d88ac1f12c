import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesToHex } from '../../src/signing/bytes.ts'
import { chooseKeccak, keccakChoice } from '../../src/signing/keccak.ts'
import { loadKeccakWasm } from '../../src/signing/keccak-wasm.ts'

const fast = loadKeccakWasm()

describe('keccak-256 in WebAssembly', () => {
  test.each([
    ['', '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
    ['abc', '0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
  ])('hashes %j as published', (text, digest) => {
    expect(bytesToHex(fast(new TextEncoder().encode(text)))).toBe(digest)
  })

  test('hashes every input as plain TypeScript does', () => {
    const law = fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      expect(fast(bytes)).toEqual(keccak_256(bytes))
    })
    fc.assert(law, { numRuns: 300 })
  })

  test.each([65_007, 65_008, 65_009, 65_144, 200_000])(
    'takes %i bytes, which may not fit into its memory at once',
    (length) => {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 7) & 0xff)
      expect(fast(bytes)).toEqual(keccak_256(bytes))
    },
  )

  test('a digest is not overwritten by the next one', () => {
    const first = fast(Uint8Array.of(1))
    const before = bytesToHex(first)
    fast(Uint8Array.of(2))
    expect(bytesToHex(first)).toBe(before)
  })
})

describe('the choice at start-up', () => {
  test('is WebAssembly where it loads', () => {
    expect(keccakChoice).toMatchObject({ name: 'WebAssembly', because: null })
  })

  test('is plain TypeScript where WebAssembly does not load, and says why', () => {
    const choice = chooseKeccak(() => {
      throw new Error('there is no WebAssembly here')
    })
    expect(choice).toMatchObject({
      name: '@noble/hashes',
      because: expect.stringContaining('no WebAssembly'),
    })
    expect(bytesToHex(choice.keccak256(new Uint8Array(0)))).toMatch(/^0xc5d24601/)
  })

  test('is plain TypeScript when one length hashes differently', () => {
    const wrongAtTheEndOfABlock = (bytes: Uint8Array): Uint8Array =>
      bytes.length === 136 ? new Uint8Array(32) : keccak_256(bytes)
    const choice = chooseKeccak(() => wrongAtTheEndOfABlock)
    expect(choice).toMatchObject({ name: '@noble/hashes', because: expect.stringContaining('differently') })
  })
})
