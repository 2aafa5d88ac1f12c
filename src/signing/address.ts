/** Addresses: the last 20 bytes of the keccak hash of a public key, always in lower case here. */
import { bytesToHex, type Hex, hexToBytes, isHexOf, SigningError } from './bytes.ts'
import { curve } from './curve.ts'
import { keccak256 } from './keccak.ts'

/** @param publicKey 65 bytes, uncompressed */
export function addressOfPublicKey(publicKey: Uint8Array): Hex {
  return bytesToHex(keccak256(publicKey.subarray(1)).subarray(12))
}

/**
 * @param privateKey `0x` and 64 hexadecimal digits
 * @returns `0x` and 40 lower-case digits
 * @throws SigningError BAD_KEY; the message never holds the key
 */
export function addressOf(privateKey: string): Hex {
  return addressOfPublicKey(publicKeyOf(parsePrivateKey(privateKey)))
}

/** @throws SigningError BAD_KEY; the message never holds the key */
export function parsePrivateKey(privateKey: string): Uint8Array {
  const bytes = isHexOf(privateKey, 64) ? hexToBytes(privateKey, 32) : null
  if (bytes === null) {
    const got = `${privateKey.length} characters`
    throw new SigningError(
      'BAD_KEY',
      `a private key is 0x and 64 hexadecimal digits (66 characters); got ${got}`,
    )
  }
  publicKeyOf(bytes)
  return bytes
}

function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  const publicKey = curve.publicKeyOf(privateKey)
  if (publicKey === null)
    throw new SigningError('BAD_KEY', 'the private key is zero or beyond the order of secp256k1')
  return publicKey
}
