/**
 * EIP-712 for flat structures: all that the venue signs are lists of plain fields.
 *
 * in     domain, types, primary type, message
 * out    the 32-byte digest that is signed
 * source https://eips.ethereum.org/EIPS/eip-712
 */
import { concatBytes, hexToBytes, isHexOf, SigningError } from './bytes.ts'
import { keccak256 } from './keccak.ts'

export interface TypedField {
  readonly name: string
  readonly type: string
}

export interface TypedDomain {
  readonly name: string
  readonly version: string
  readonly chainId: number
  readonly verifyingContract: string
}

export interface TypedData {
  readonly domain: TypedDomain
  readonly types: Readonly<Record<string, readonly TypedField[]>>
  readonly primaryType: string
  readonly message: Readonly<Record<string, unknown>>
}

export const ZERO_ADDRESS = '0x0000000000000000000000000000000000000000'

const PREFIX = Uint8Array.of(0x19, 0x01)
const WORD_BYTES = 32
const UNSIGNED_PATTERN = /^uint(\d+)$/
const textEncoder = new TextEncoder()
const DOMAIN_FIELDS: readonly TypedField[] = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
  { name: 'verifyingContract', type: 'address' },
]

/** @throws SigningError BAD_TYPE for nested or unknown types, BAD_VALUE when a member does not fit its type */
export function typedDataDigest(data: TypedData): Uint8Array {
  const fields = data.types[data.primaryType]
  if (fields === undefined) throw new SigningError('BAD_TYPE', `the types have no ${data.primaryType}`)
  return digestOf(domainSeparator(data.domain), hashStruct(data.primaryType, fields, data.message))
}

/** Constant for a domain: whoever signs often under one keeps it. */
export function domainSeparator(domain: TypedDomain): Uint8Array {
  return hashStruct('EIP712Domain', DOMAIN_FIELDS, { ...domain })
}

export function digestOf(separator: Uint8Array, structHash: Uint8Array): Uint8Array {
  return keccak256(concatBytes(PREFIX, separator, structHash))
}

export function hashStruct(
  typeName: string,
  fields: readonly TypedField[],
  message: Readonly<Record<string, unknown>>,
): Uint8Array {
  const words = fields.map((field) => encodeField(field, message[field.name]))
  return keccak256(concatBytes(typeHash(typeName, fields), ...words))
}

export function typeHash(typeName: string, fields: readonly TypedField[]): Uint8Array {
  return hashText(`${typeName}(${fields.map((field) => `${field.type} ${field.name}`).join(',')})`)
}

function encodeField(field: TypedField, value: unknown): Uint8Array {
  switch (field.type) {
    case 'string':
      if (typeof value !== 'string') throw misfit(field, 'a text')
      return hashText(value)
    case 'bool':
      if (typeof value !== 'boolean') throw misfit(field, 'true or false')
      return unsignedWord(value ? 1n : 0n)
    case 'address':
      return hexWord(field, value, 40)
    case 'bytes32':
      return hexWord(field, value, 64)
    default:
      return encodeUnsigned(field, value)
  }
}

function encodeUnsigned(field: TypedField, value: unknown): Uint8Array {
  const bits = Number(UNSIGNED_PATTERN.exec(field.type)?.[1] ?? 0)
  if (bits === 0)
    throw new SigningError('BAD_TYPE', `${field.name}: type ${field.type} is not one the venue signs`)
  const whole =
    typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(value as bigint | number) : -1n
  if (whole < 0n || whole >= 1n << BigInt(bits)) throw misfit(field, `a whole number of at most ${bits} bits`)
  return unsignedWord(whole)
}

function hexWord(field: TypedField, value: unknown, digitCount: number): Uint8Array {
  const word = typeof value === 'string' && isHexOf(value, digitCount) ? hexToBytes(value, WORD_BYTES) : null
  if (word === null) throw misfit(field, `0x and ${digitCount} hexadecimal digits`)
  return word
}

function unsignedWord(value: bigint): Uint8Array {
  const word = new Uint8Array(WORD_BYTES)
  const view = new DataView(word.buffer)
  for (let lane = 3, rest = value; rest > 0n; lane -= 1, rest >>= 64n) {
    view.setBigUint64(lane * 8, BigInt.asUintN(64, rest))
  }
  return word
}

/** How EIP-712 encodes a text. */
export function hashText(text: string): Uint8Array {
  return keccak256(textEncoder.encode(text))
}

function misfit(field: TypedField, wanted: string): SigningError {
  return new SigningError('BAD_VALUE', `${field.name} must be ${wanted}`)
}
