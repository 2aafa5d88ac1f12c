/**
 * The action hash ("connectionId"): keccak-256 over the action in msgpack, the nonce, the account traded for and the expiry.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/signing
 */
import { hexToBytes, SigningError, writeUint64 } from './bytes.ts'
import { keccak256 } from './keccak.ts'
import { encodeMsgpack } from './msgpack.ts'

export interface L1Envelope {
  /** Keys in the order of the venue's schema: the order is hashed. */
  readonly action: object
  /** Milliseconds. */
  readonly nonce: number
  /** The vault or sub-account that is traded for; null when the signer trades for itself. */
  readonly vaultAddress: string | null
  /** Milliseconds; null when the action does not expire. */
  readonly expiresAfterMs: number | null
}

const NUMBER_BYTES = 8
const ADDRESS_BYTES = 20

/** @returns 32 bytes. @throws SigningError BAD_VALUE when a member cannot be encoded */
export function hashAction(envelope: L1Envelope): Uint8Array {
  const { action, nonce, vaultAddress, expiresAfterMs } = envelope
  const vault = vaultAddress === null ? null : hexToBytes(vaultAddress, ADDRESS_BYTES)
  if (vaultAddress !== null && vault === null)
    throw new SigningError('BAD_VALUE', `vaultAddress must be 0x and 40 digits, got ${vaultAddress}`)
  // The expiry has the marker 0; without an expiry there is no marker at all.
  const vaultByteCount = 1 + (vault === null ? 0 : ADDRESS_BYTES)
  const expiryByteCount = expiresAfterMs === null ? 0 : 1 + NUMBER_BYTES
  const tailByteCount = NUMBER_BYTES + vaultByteCount + expiryByteCount
  const bytes = encodeMsgpack(action, tailByteCount)
  const nonceAt = bytes.length - tailByteCount
  writeUint64(bytes, nonceAt, nonce, 'nonce')
  if (vault !== null) {
    bytes[nonceAt + NUMBER_BYTES] = 1
    bytes.set(vault, nonceAt + NUMBER_BYTES + 1)
  }
  if (expiresAfterMs !== null) writeUint64(bytes, bytes.length - NUMBER_BYTES, expiresAfterMs, 'expiresAfter')
  return keccak256(bytes)
}
