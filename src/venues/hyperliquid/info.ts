/** Questions to the venue over HTTP: the SDK's info client with our errors, bounded attempts and counters. */
import { HttpRequestError, HttpTransport, InfoClient, TransportError } from '@nktkas/hyperliquid'
import { VenueError } from '../errors.ts'
import { QUERY_ATTEMPTS_MAX, REQUEST_TIMEOUT_MS, RETRY_WAIT_MS, WEIGHT_WAITS_MAX } from './options.ts'
import { pause } from './pause.ts'
import {
  initWeight,
  noteWeight,
  noteWeightRefused,
  questionDelayMs,
  questionWeight,
  rowsWeight,
  type WeightLedger,
} from './weight.ts'

export type Hex = `0x${string}`

export interface VenueInfo {
  readonly url: string
  readonly transport: HttpTransport
  readonly client: InfoClient
  /** Requests by kind; shared with whoever else sends. */
  readonly counts: Record<string, number>
  /** What of the venue's limit by address of origin is spent; shared with whoever else sends. */
  readonly weight: WeightLedger
}

/** A `patient` question waits while little request weight is left; an `urgent` one is part of taking orders off. */
export type Urgency = 'patient' | 'urgent'

export interface InfoOptions {
  readonly apiUrl: string
  readonly isTestnet: boolean
  readonly requestTimeoutMs?: number
  /** Shared by all that this process sends from one address of origin; absent: a ledger of its own. */
  readonly weight?: WeightLedger
}

export function openInfo(options: InfoOptions): VenueInfo {
  const transport = new HttpTransport({
    apiUrl: options.apiUrl,
    isTestnet: options.isTestnet,
    timeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    // A redirect could carry a signed body to somebody else.
    fetchOptions: { redirect: 'error' },
  })
  return {
    url: options.apiUrl,
    transport,
    client: new InfoClient({ transport }),
    counts: {},
    weight: options.weight ?? initWeight(() => performance.now()),
  }
}

export function count(counts: Record<string, number>, kind: string): void {
  counts[kind] = (counts[kind] ?? 0) + 1
}

/**
 * @param kind the name under which the request is counted
 * @returns the answer, unchecked: decoders look at every field
 * @throws VenueError UNREACHABLE after `QUERY_ATTEMPTS_MAX` failures, or when no request weight comes free
 */
export async function ask(
  info: VenueInfo,
  kind: string,
  request: (client: InfoClient) => Promise<unknown>,
  urgency: Urgency = 'patient',
): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    if (urgency === 'patient') await awaitWeight(info, kind)
    count(info.counts, kind)
    noteWeight(info.weight, questionWeight(kind))
    try {
      const answer = await request(info.client)
      noteWeight(info.weight, rowsWeight(kind, answer))
      return answer
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      if (error instanceof HttpRequestError && error.response?.status === 429) noteWeightRefused(info.weight)
      if (attempt === QUERY_ATTEMPTS_MAX) throw unreachable(info.url, kind, error)
      await pause(RETRY_WAIT_MS * attempt)
    }
  }
}

/** Several questions may wait for the same weight, so each looks again when its wait is over. */
async function awaitWeight(info: VenueInfo, kind: string): Promise<void> {
  for (let wait = 0; wait < WEIGHT_WAITS_MAX; wait += 1) {
    const delayMs = questionDelayMs(info.weight, questionWeight(kind))
    if (delayMs === 0) return
    await pause(delayMs)
  }
  throw new VenueError('UNREACHABLE', `${kind} was not asked: the request weight of this address is spent`)
}

export function unreachable(url: string, what: string, cause: unknown): VenueError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const detail = inner instanceof Error ? inner.message : String(inner)
  return new VenueError('UNREACHABLE', `${url} did not answer ${what}: ${detail}`, { cause })
}
