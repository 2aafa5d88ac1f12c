/**
 * L1 actions (orders, cancels, leverage…): the action hash is signed as an EIP-712 `Agent`.
 * The network is part of what is signed: source `a` on mainnet, `b` everywhere else.
 */
import { type L1Envelope, hashAction } from './action-hash.ts'
import { concatBytes, type Hex } from './bytes.ts'
import type { RawSignature } from './curve.ts'
import { keccak256 } from './keccak.ts'
import { recoverAddress, type Signature, signDigest } from './signature.ts'
import { digestOf, domainSeparator, hashText, type TypedField, typeHash, ZERO_ADDRESS } from './typed-data.ts'

export type SigningNetwork = 'mainnet' | 'testnet'

const AGENT_FIELDS: readonly TypedField[] = [
  { name: 'source', type: 'string' },
  { name: 'connectionId', type: 'bytes32' },
]
/** The chain id is a constant of the venue, whatever chain the wallet is on. */
const DOMAIN = domainSeparator({
  name: 'Exchange',
  version: '1',
  chainId: 1337,
  verifyingContract: ZERO_ADDRESS,
})

/**
 * What is hashed for an agent: the hash of its type, that of its source, and the action hash, which is written over each
 * time. Made once, since each order needs it.
 */
const AGENTS: Readonly<Record<SigningNetwork, Uint8Array>> = {
  mainnet: agentOf('a'),
  testnet: agentOf('b'),
}
const CONNECTION_ID_AT = 64

/** @param connectionId the 32 bytes of `hashAction` */
export function agentDigest(connectionId: Uint8Array, network: SigningNetwork): Uint8Array {
  const agent = AGENTS[network]
  agent.set(connectionId, CONNECTION_ID_AT)
  return digestOf(DOMAIN, keccak256(agent))
}

function agentOf(source: string): Uint8Array {
  return concatBytes(typeHash('Agent', AGENT_FIELDS), hashText(source), new Uint8Array(32))
}

/** @param privateKey 32 bytes, as `parsePrivateKey` returns them */
export function signL1Action(
  envelope: L1Envelope,
  network: SigningNetwork,
  privateKey: Uint8Array,
): Signature {
  return signDigest(agentDigest(hashAction(envelope), network), privateKey)
}

/** @returns the address whose key signed exactly this; null when the signature is of no key */
export function recoverL1Signer(
  envelope: L1Envelope,
  network: SigningNetwork,
  signature: RawSignature,
): Hex | null {
  return recoverAddress(agentDigest(hashAction(envelope), network), signature)
}
