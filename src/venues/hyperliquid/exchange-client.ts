/**
 * Signed actions over HTTP. The SDK signs and posts; its ExchangeClient is not used, because it holds one lock per signer
 * until an answer comes: a lost answer to an order would hold back the cancels behind it for the whole timeout.
 *
 * out     an answer in three kinds: per-order statuses; refused in whole (nothing happened); lost (anything may have)
 * state   one nonce allocator per signer in this process
 */
import { HttpRequestError } from '@nktkas/hyperliquid'
import { signL1Action } from '@nktkas/hyperliquid/signing'
import type { RefusalClass } from '../../core/input.ts'
import { allocateNonce, initNonceAllocator, type NonceAllocator } from '../../signing/nonce-allocator.ts'
import type { Wallet } from '../../signing/wallet.ts'
import { classifyRefusal } from './classify.ts'
import type { Action } from './encode.ts'
import { count, type Hex, type VenueInfo } from './info.ts'

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
  count(client.info.counts, action.type)
  client.inFlightCount += 1
  try {
    return readAnswer(await signAndSend(client, action, expiresAfterMs))
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
  const nonce = allocateNonce(allocatorOf(wallet.address), client.nowMs())
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
