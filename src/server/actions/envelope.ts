/** Who signed a request: the envelope's fields, the signer behind the signature, and the account it may trade for. */
import { z } from 'zod'
import type { Address } from '../../exchange/command.ts'
import { hasAccount } from '../../exchange/queries/account.ts'
import { hashAction } from '../../signing/action-hash.ts'
import { agentDigest, type SigningNetwork } from '../../signing/l1-action.ts'
import { parseSignature, recoverAddress } from '../../signing/signature.ts'
import { isUserSigned, recoverUserSigner } from '../../signing/user-signed.ts'
import type { VenueContext } from '../context.ts'
import { validAgent } from '../registry.ts'
import { address, MalformedRequest, maybe, whole } from '../wire/fields.ts'
import { ADDRESS_DIGITS, isQuickWhole, quickFields, quickHex } from '../wire/quick.ts'
import type { PreparedAction, Sender } from './action.ts'

export interface Envelope {
  readonly action: unknown
  readonly nonce: number
  readonly signature: { readonly r: string; readonly s: string; readonly v: number }
  readonly vaultAddress: string | undefined
  readonly expiresAfter: number | undefined
}

/** `isFrontend` and the like are sent by some clients and not signed. */
export const envelope: z.ZodType<Envelope> = z.object({
  action: z.unknown(),
  nonce: whole,
  signature: z.object({ r: z.string(), s: z.string(), v: z.number() }),
  vaultAddress: maybe(address),
  expiresAfter: maybe(whole),
})

/** As `envelope`. */
export function quickEnvelope(raw: unknown): Envelope | null {
  const fields = quickFields(raw)
  const signature = quickFields(fields?.['signature'])
  if (fields === null || signature === null) return null
  const { action, nonce } = fields
  const { r, s, v } = signature
  const vault = fields['vaultAddress'] ?? null
  const vaultAddress = vault === null ? null : quickHex(vault, ADDRESS_DIGITS)
  const expiresAfter = fields['expiresAfter'] ?? undefined
  if (action === undefined || !isQuickWhole(nonce) || (vault !== null && vaultAddress === null)) return null
  if (typeof r !== 'string' || typeof s !== 'string' || typeof v !== 'number' || !Number.isFinite(v))
    return null
  if (expiresAfter !== undefined && !isQuickWhole(expiresAfter)) return null
  return { action, nonce, signature: { r, s, v }, vaultAddress: vaultAddress ?? undefined, expiresAfter }
}

/** What a master does for itself, never in the name of a sub-account. */
const MASTER_ONLY: ReadonlySet<string> = new Set([
  'createSubAccount',
  'subAccountModify',
  'subAccountTransfer',
  'subAccountSpotTransfer',
  'setReferrer',
  'vaultTransfer',
  'perpDeploy',
])

export type SenderResult =
  { readonly kind: 'sender'; readonly sender: Sender } | { readonly kind: 'refused'; readonly text: string }

/**
 * @returns the sender, or the venue's refusal
 * @throws MalformedRequest when the signature has no such form
 */
export function resolveSender(
  context: VenueContext,
  request: Envelope,
  action: PreparedAction,
): SenderResult {
  return isUserSigned(action.normalised.type)
    ? resolveUser(context, request, action)
    : resolveTrader(context, request, action)
}

/** User-signed actions are signed by the account itself, never by an API wallet. */
function resolveUser(context: VenueContext, request: Envelope, { normalised }: PreparedAction): SenderResult {
  const chain = normalised['hyperliquidChain']
  const wanted = { mainnet: 'Mainnet', testnet: 'Testnet', any: chain }[context.network]
  if (chain !== wanted)
    return refusal(`hyperliquidChain must be ${String(wanted)} here, got ${String(chain)}`)
  const signedNonce = normalised['nonce'] ?? normalised['time']
  if (signedNonce !== request.nonce) {
    return refusal(`Invalid nonce: ${request.nonce} differs from the signed ${String(signedNonce)}`)
  }
  const signature = parseSignature(request.signature)
  if (signature === null) throw new MalformedRequest()
  const signer = recoverUserSigner(normalised, signature)
  if (signer === null) return refusal('Unable to recover signer.')
  if (!hasAccount(context.exchange, signer))
    return refusal(`Must deposit before performing actions. User: ${signer}`)
  return accepted({ account: signer, master: signer, signer, nonce: request.nonce, expiresAfterMs: null })
}

function resolveTrader(
  context: VenueContext,
  request: Envelope,
  { normalised }: PreparedAction,
): SenderResult {
  const signature = parseSignature(request.signature)
  if (signature === null) throw new MalformedRequest()
  const vaultAddress = request.vaultAddress ?? null
  const expiresAfterMs = request.expiresAfter ?? null
  const connectionId = hashAction({ action: normalised, nonce: request.nonce, vaultAddress, expiresAfterMs })

  let stranger: Address | null = null
  for (const network of networksOf(context)) {
    const signer = recoverAddress(agentDigest(connectionId, network), signature)
    if (signer === null) return refusal('Unable to recover signer.')
    stranger ??= signer
    // An API wallet stays one, also when somebody sends money to its address.
    const agent = validAgent(context.registry, signer, context.world.nowTsMs)
    const master = agent?.master ?? (hasAccount(context.exchange, signer) ? signer : null)
    if (master === null) continue
    const text = vaultAddress === null ? null : vaultRefusal(context, vaultAddress, master, normalised.type)
    if (text !== null) return refusal(text)
    return accepted({ account: vaultAddress ?? master, master, signer, nonce: request.nonce, expiresAfterMs })
  }
  return refusal(`User or API Wallet ${String(stranger)} does not exist.`)
}

function vaultRefusal(
  context: VenueContext,
  vaultAddress: Address,
  master: Address,
  actionType: string,
): string | null {
  const sub = context.registry.subAccounts.get(vaultAddress)
  if (sub === undefined) return `Vault not registered: ${vaultAddress}`
  if (sub.master !== master) return `Sub-account ${vaultAddress} is not registered to ${master}`
  if (MASTER_ONLY.has(actionType)) return 'Vault may not perform this action.'
  // It exists for its master from the day it was made, for the exchange from its first money on.
  return hasAccount(context.exchange, vaultAddress)
    ? null
    : `Must deposit before performing actions. User: ${vaultAddress}`
}

function networksOf(context: VenueContext): readonly SigningNetwork[] {
  return context.network === 'any' ? ['testnet', 'mainnet'] : [context.network]
}

function accepted(sender: Sender): SenderResult {
  return { kind: 'sender', sender }
}

function refusal(text: string): SenderResult {
  return { kind: 'refused', text }
}
