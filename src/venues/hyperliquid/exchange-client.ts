/**
 * Signed actions over HTTP. The SDK signs and posts; its ExchangeClient is not used, because it holds one lock per signer
 * until an answer comes: a lost answer to an order would hold back the cancels behind it for the whole timeout.
 *
 * out     an answer in three kinds: per-order statuses; refused in whole (nothing happened); lost (anything may have)
 * state   one nonce allocator per signer in this process
 */
import { HttpRequestError } from '@nktkas/hyperliquid'
import { signL1Action, signUserSignedAction } from '@nktkas/hyperliquid/signing'
import type { RefusalClass } from '../../core/input.ts'
import { allocateNonce, initNonceAllocator } from '../../signing/nonce-allocator.ts'
import type { NonceAllocator, NonceSource } from '../../signing/nonce-allocator.ts'
import type { Wallet } from '../../signing/wallet.ts'
import { classifyRefusal } from './classify.ts'
import type { Action } from './encode.ts'
import { count, type Hex, type VenueInfo } from './info.ts'
import { actionWeight, noteWeight } from './weight.ts'

export type Answer =
  | { readonly kind: 'statuses'; readonly statuses: readonly unknown[] }
  | { readonly kind: 'refused'; readonly refusal: RefusalClass; readonly text: string }
  | { readonly kind: 'lost'; readonly text: string }

export interface ExchangeClient {
  readonly info: VenueInfo
  readonly wallet: Wallet
  /** Set when the account is a sub-account or vault of the signer's master. */
  readonly vaultAddress: Hex | null
  readonly nowMs: () => number
  /** Where nonces come from; absent: from the clock, above all that this process has used. */
  readonly nonces?: NonceSource | undefined
  /** An action was signed and is handed to the network. */
  readonly onSent?: ((type: string) => void) | undefined
  inFlightCount: number
}

/** Two adapters of one process may sign with one key: nonces belong to the key. */
const allocators = new Map<string, NonceAllocator>()
const TEXT_LENGTH_MAX = 200

export function openExchangeClient(of: Omit<ExchangeClient, 'inFlightCount'>): ExchangeClient {
  return { ...of, inFlightCount: 0 }
}

/**
 * Sends one action once; it is never repeated here.
 * @param expiresAfterMs the venue refuses the action after this time; null: no limit
 * @returns the answer; never rejects
 */
export async function post(
  client: ExchangeClient,
  action: Action,
  expiresAfterMs: number | null,
): Promise<Answer> {
  return tracked(client, action.type, unitsOf(action), () => signAndSend(client, action, expiresAfterMs))
}

/** Named as the SDK's types of an action name them. */
type SignedTypes = Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>

/**
 * Sends an action that only the account's own key may sign: a transfer.
 * @param action its fields in the order in which they are signed, without chain and nonce
 * @returns the answer; never rejects
 */
export async function postUserSigned(
  client: ExchangeClient,
  action: Readonly<Record<string, unknown>> & { readonly type: string },
  types: SignedTypes,
): Promise<Answer> {
  return tracked(client, action.type, 1, async () => {
    const { wallet, info } = client
    const nonce = nextNonce(client)
    const { type, ...fields } = action
    const full = {
      type,
      signatureChainId: SIGNATURE_CHAIN_ID,
      hyperliquidChain: info.transport.isTestnet ? 'Testnet' : 'Mainnet',
      ...fields,
      nonce,
    } as const
    const signature = await signUserSignedAction({ wallet, action: full, types: mutable(types) })
    const answer = info.transport.request<unknown>('exchange', { action: full, nonce, signature })
    client.onSent?.(type)
    return answer
  })
}

/** Orders, cancels or modifies in one action: what it weighs. */
function unitsOf(action: Action): number {
  if ('orders' in action) return action.orders.length
  if ('cancels' in action) return action.cancels.length
  return 'modifies' in action ? action.modifies.length : 1
}

/** Any chain will do: the venue only wants to know under which one the signature was made. */
const SIGNATURE_CHAIN_ID = '0x66eee'

/** The SDK's parameter is not read-only, though it only reads. */
function mutable(types: SignedTypes): Record<string, { name: string; type: string }[]> {
  return Object.fromEntries(
    Object.entries(types).map(([name, fields]) => [name, fields.map((field) => ({ ...field }))]),
  )
}

async function tracked(
  client: ExchangeClient,
  kind: string,
  units: number,
  send: () => Promise<unknown>,
): Promise<Answer> {
  count(client.info.counts, kind)
  noteWeight(client.info.weight, actionWeight(units))
  client.inFlightCount += 1
  try {
    return readAnswer(await send())
  } catch (error) {
    return readFailure(error)
  } finally {
    client.inFlightCount -= 1
  }
}

async function signAndSend(
  client: ExchangeClient,
  action: Action,
  expiresAfterMs: number | null,
): Promise<unknown> {
  const { wallet, vaultAddress, info } = client
  const nonce = nextNonce(client)
  const envelope = {
    action,
    nonce,
    ...(vaultAddress === null ? {} : { vaultAddress }),
    ...(expiresAfterMs === null ? {} : { expiresAfter: expiresAfterMs }),
  }
  const signature = await signL1Action({ wallet, isTestnet: info.transport.isTestnet, ...envelope })
  const answer = info.transport.request<unknown>('exchange', { ...envelope, signature })
  client.onSent?.(action.type)
  return answer
}

/** Nothing was sent when there is no nonce. */
class NoNonce extends Error {
  override readonly name = 'NoNonce'
}

/** @throws NoNonce when it cannot be kept that this one was used */
function nextNonce({ nonces, wallet, nowMs }: ExchangeClient): number {
  if (nonces === undefined) return allocateNonce(allocatorOf(wallet.address), nowMs())
  try {
    return nonces.next(nowMs())
  } catch (cause) {
    throw new NoNonce(`not sent: the nonce could not be kept on disk: ${describe(cause)}`)
  }
}

function allocatorOf(address: string): NonceAllocator {
  let allocator = allocators.get(address)
  if (allocator === undefined) {
    allocator = initNonceAllocator()
    allocators.set(address, allocator)
  }
  return allocator
}

/** Anything that is not clearly an answer counts as lost. */
export function readAnswer(body: unknown): Answer {
  const head = fieldsOf(body)
  if (head['status'] === 'err') {
    const text = short(
      typeof head['response'] === 'string' ? head['response'] : JSON.stringify(head['response']),
    )
    return { kind: 'refused', refusal: classifyRefusal(text), text }
  }
  const response = fieldsOf(head['response'])
  const statuses = fieldsOf(response['data'])['statuses']
  if (head['status'] === 'ok' && Array.isArray(statuses)) return { kind: 'statuses', statuses }
  if (head['status'] === 'ok' && response['type'] === 'default') return { kind: 'statuses', statuses: [] }
  return { kind: 'lost', text: `an answer that says nothing: ${short(JSON.stringify(body))}` }
}

/** A 4xx is said before anything is executed; a 5xx, a timeout or a broken connection may come after. */
function readFailure(error: unknown): Answer {
  if (error instanceof NoNonce) return { kind: 'refused', refusal: 'nonce', text: short(error.message) }
  const status = error instanceof HttpRequestError ? error.response?.status : undefined
  const text = short(describe(error))
  if (status === 429)
    return { kind: 'refused', refusal: 'rate', text: `429 Too Many Requests (by address of origin)` }
  if (status !== undefined && status >= 400 && status < 500 && status !== 408) {
    return { kind: 'refused', refusal: 'unknown', text }
  }
  return { kind: 'lost', text }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${describe(error.cause)})` : error.message
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {} // Any JSON object.
}

function short(text: string | undefined): string {
  return (text ?? 'nothing').slice(0, TEXT_LENGTH_MAX)
}
