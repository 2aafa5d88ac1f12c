import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Input } from '../../src/core/input.ts'
import {
  initSink,
  initSource,
  putNear,
  putNumber,
  putVarint,
  takeNear,
  takeNumber,
  takeVarint,
} from '../../src/journal/bytes.ts'
import { decodeRecord, encodeRecord } from '../../src/journal/codec.ts'
import { crc32c } from '../../src/journal/crc32c.ts'
import { isSameValue, toExactJson } from '../../src/journal/exact-json.ts'
import { RECORD_BYTES_MAX } from '../../src/journal/format.ts'
import type { JournalRecord } from '../../src/journal/format.ts'
import { anyRecord, header, marketRecords } from './arbitrary.ts'

/** Encodes behind a prefix of other bytes, so that a forgotten offset shows. */
function encode(record: JournalRecord): Buffer {
  let sink = initSink(0)
  const bytes = encodeRecord(record, (bytesMax) => {
    sink = initSink(5 + bytesMax)
    sink.at = 5
    return sink
  })
  expect(sink.at).toBe(5 + bytes)
  return Buffer.from(sink.bytes.subarray(5, sink.at))
}

function decode(frame: Buffer): JournalRecord {
  const source = initSource(frame)
  source.at = 4
  return decodeRecord(source, frame.length - 4)
}

describe('numbers', () => {
  const awkward = [
    0,
    -0,
    1,
    -1,
    127,
    128,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 50,
    2 ** 51 - 1,
    2 ** 51,
    -(2 ** 51),
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    2 ** 60,
    0.1,
    5e-324,
    Number.MAX_VALUE,
    NaN,
    Infinity,
    -Infinity,
  ]

  test('every double comes back with its sign and bits, alone and next to any base', () => {
    const number = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(...awkward))
    fc.assert(
      fc.property(number, number, (value, base) => {
        const sink = initSink(64)
        putNumber(sink, value)
        putNear(sink, value, base)
        const source = initSource(sink.bytes)
        expect(takeNumber(source)).toBe(value)
        expect(takeNear(source, base)).toBe(value)
        expect(source.at).toBe(sink.at)
      }),
      { numRuns: 2000 },
    )
  })

  test('a varint of any whole number up to 2^53 − 1 comes back', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const sink = initSink(16)
        putVarint(sink, value)
        expect(takeVarint(initSource(sink.bytes))).toBe(value)
      }),
    )
  })

  test('small whole numbers take one byte', () => {
    const sink = initSink(16)
    putNumber(sink, -63)
    expect(sink.at).toBe(1)
  })
})

describe('crc32c', () => {
  test.each([
    // RFC 3720, appendix B.4.
    { name: '123456789', bytes: Buffer.from('123456789'), crc: 0xe3069283 },
    { name: '32 zeros', bytes: Buffer.alloc(32), crc: 0x8a9136aa },
    { name: '32 ones', bytes: Buffer.alloc(32, 0xff), crc: 0x62a8ab43 },
    { name: '0…31', bytes: Buffer.from(Array.from({ length: 32 }, (_, byte) => byte)), crc: 0x46dd794e },
  ])('the published value of $name', ({ bytes, crc }) => {
    expect(crc32c(bytes, 0, bytes.length)).toBe(crc)
  })

  test('eight bytes a step give what one bit a step gives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(20), (bytes, start) => {
        const from = Math.min(start, bytes.length)
        let slow = 0xffffffff
        for (const byte of bytes.subarray(from)) {
          slow ^= byte
          for (let bit = 0; bit < 8; bit += 1) slow = slow & 1 ? (slow >>> 1) ^ 0x82f63b78 : slow >>> 1
        }
        expect(crc32c(bytes, from, bytes.length)).toBe(~slow >>> 0)
      }),
    )
  })
})

describe('records', () => {
  test('every kind of record comes back equal', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const frame = encode(record)
        const back = decode(frame)
        expect(isSameValue(back, record)).toBe(true)
        expect(back).toEqual(record)
        expect(frame.readUInt32LE(0)).toBe(frame.length - 8)
        expect(frame.readUInt32LE(frame.length - 4)).toBe(crc32c(frame, 0, frame.length - 4))
      }),
      { numRuns: 3000 },
    )
  })

  test('decoded market inputs keep the order of keys that the contract declares', () => {
    for (const record of marketRecords(8))
      expect(toExactJson(decode(encode(record)))).toBe(toExactJson(record))
  })

  test('a 20-level book takes less than a third of its JSON', () => {
    const book = marketRecords(1)[0]
    if (!book) throw new Error('there is a record')
    expect(encode(book).length * 3).toBeLessThan(JSON.stringify(book).length)
  })

  test('a cut or lengthened body is refused and never read as another record', () => {
    fc.assert(
      fc.property(anyRecord, fc.nat(), (record, at) => {
        const frame = encode(record)
        const source = initSource(frame)
        source.at = 4
        const bodyEnd = frame.length - 4
        const cutEnd = 5 + (at % Math.max(bodyEnd - 5, 1))
        if (cutEnd < bodyEnd) expect(() => decodeRecord(source, cutEnd)).toThrow()
      }),
    )
  })

  test('a value that JSON would change silently is refused with its path', () => {
    const stamp = { seq: 1, tsMs: 1 }
    const broken: Input[] = [
      { kind: 'budget', usedCount: NaN, capCount: 1, ...stamp },
      { kind: 'budget', usedCount: Infinity, capCount: 1, ...stamp },
    ]
    for (const input of broken) {
      expect(() => encode({ kind: 'input', input })).toThrow(/value\.usedCount is a finite number/)
    }
    expect(() => toExactJson({ a: [undefined] })).toThrow(/value\.a\[0\] is a JSON value/)
    expect(() => toExactJson(new Map())).toThrow(/plain object/)
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    expect(() => toExactJson(cycle)).toThrow(/nested at most/)
  })

  test('a record beyond the bound is refused', () => {
    const text = 'x'.repeat(RECORD_BYTES_MAX + 1)
    expect(() => encode({ kind: 'note', seq: 0, text })).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' }) as Error,
    )
  })

  test('exact JSON parses to the same value, −0 included', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(isSameValue(JSON.parse(toExactJson(value)), value)).toBe(true)
      }),
    )
    expect(toExactJson({ header, minusZero: -0 })).toContain('"minusZero":-0')
  })
})
