/** Hexadecimal text and bytes. Everything on the wire that is not a decimal is `0x` + lower-case digits. */

export type Hex = `0x${string}`

const TWO_POW_32 = 2 ** 32
const CODE_0 = 0x30
const CODE_9 = 0x39
const CODE_A = 0x61
const LOWER_CASE_BIT = 0x20
const HEX_PATTERN = /^0[xX][0-9a-fA-F]*$/
const DIGIT_PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

/** `0x` + two lower-case digits a byte. */
export function bytesToHex(bytes: Uint8Array): Hex {
  let digits = ''
  for (const byte of bytes) digits += DIGIT_PAIRS[byte] ?? ''
  return `0x${digits}`
}

/**
 * @param hex        `0x` and hexadecimal digits of either case
 * @param byteCount  the length wanted; shorter text is padded with zeros on the left
 * @returns null when the text is not hexadecimal or too long. The text is not repeated anywhere: it may be a key.
 */
export function hexToBytes(hex: string, byteCount: number): Uint8Array | null {
  const digitCount = hex.length - 2
  if (!HEX_PATTERN.test(hex) || digitCount > byteCount * 2) return null
  const bytes = new Uint8Array(byteCount)
  for (let fromEnd = 0; fromEnd < digitCount; fromEnd += 1) {
    const value = digitValue(hex.charCodeAt(hex.length - 1 - fromEnd))
    const at = byteCount - 1 - (fromEnd >> 1)
    bytes[at] = (bytes[at] ?? 0) | (fromEnd % 2 === 0 ? value : value << 4)
  }
  return bytes
}

/** @param code of a hexadecimal digit of either case */
function digitValue(code: number): number {
  return code <= CODE_9 ? code - CODE_0 : (code | LOWER_CASE_BIT) - CODE_A + 10
}

/** True for `0x` + exactly `digitCount` hexadecimal digits of either case. */
export function isHexOf(text: string, digitCount: number): text is Hex {
  return text.length === digitCount + 2 && HEX_PATTERN.test(text)
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/**
 * Writes eight bytes, the highest first.
 * @throws SigningError when the value is not a whole number from 0 to 2^53 − 1
 */
export function writeUint64(bytes: Uint8Array, at: number, value: number, field: string): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new SigningError('BAD_VALUE', `${field} must be a whole number from 0 to 2^53 - 1, got ${value}`)
  }
  const high = Math.floor(value / TWO_POW_32)
  writeUint32(bytes, at, high)
  writeUint32(bytes, at + 4, value - high * TWO_POW_32)
}

/** Writes four bytes, the highest first. */
function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

export type SigningErrorCode = 'BAD_VALUE' | 'BAD_KEY' | 'BAD_SIGNATURE' | 'BAD_TYPE'

/** What cannot be signed or recovered. Messages name the field; they never hold a private key. */
export class SigningError extends Error {
  override readonly name = 'SigningError'
  readonly code: SigningErrorCode

  constructor(code: SigningErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
