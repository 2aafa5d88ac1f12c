/**
 * The action hash ("connectionId"): keccak-256 over the action in msgpack, the nonce, the account traded for and the expiry.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/signing
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes, hexToBytes, SigningError, uint64Bytes } from './bytes.ts'
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

const NO_BYTES = new Uint8Array(0)
const ABSENT = Uint8Array.of(0)
const PRESENT = Uint8Array.of(1)

/** @returns 32 bytes. @throws SigningError BAD_VALUE when a member cannot be encoded */
export function hashAction(envelope: L1Envelope): Uint8Array {
  const { action, nonce, vaultAddress, expiresAfterMs } = envelope
  const vault = vaultAddress === null ? NO_BYTES : hexToBytes(vaultAddress, 20)
  if (vault === null)
    throw new SigningError('BAD_VALUE', `vaultAddress must be 0x and 40 digits, got ${vaultAddress}`)
  return keccak_256(
    concatBytes(
      encodeMsgpack(action),
      uint64Bytes(nonce, 'nonce'),
      vaultAddress === null ? ABSENT : PRESENT,
      vault,
      // The expiry has the marker 0 too; without an expiry there is no marker at all.
      expiresAfterMs === null ? NO_BYTES : ABSENT,
      expiresAfterMs === null ? NO_BYTES : uint64Bytes(expiresAfterMs, 'expiresAfter'),
    ),
  )
}
