/** Hexadecimal text and bytes. Everything on the wire that is not a decimal is `0x` + lower-case digits. */

export type Hex = `0x${string}`

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
  const digitCount = byteCount * 2
  if (!HEX_PATTERN.test(hex) || hex.length - 2 > digitCount) return null
  const digits = hex.slice(2).padStart(digitCount, '0')
  const bytes = new Uint8Array(byteCount)
  for (let index = 0; index < byteCount; index += 1) {
    bytes[index] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16)
  }
  return bytes
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

/** Eight bytes, the highest first. @throws SigningError when the value is not a whole number from 0 to 2^53 − 1 */
export function uint64Bytes(value: number, field: string): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new SigningError('BAD_VALUE', `${field} must be a whole number from 0 to 2^53 - 1, got ${value}`)
  }
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
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
