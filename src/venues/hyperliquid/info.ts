/** Questions to the venue over HTTP: the SDK's info client with our errors, bounded attempts and counters. */
import { HttpTransport, InfoClient, TransportError } from '@nktkas/hyperliquid'
import { VenueError } from '../errors.ts'
import { QUERY_ATTEMPTS_MAX, REQUEST_TIMEOUT_MS, RETRY_WAIT_MS } from './options.ts'
import { pause } from './pause.ts'

export type Hex = `0x${string}`

export interface VenueInfo {
  readonly url: string
  readonly transport: HttpTransport
  readonly client: InfoClient
  /** Requests by kind; shared with whoever else sends. */
  readonly counts: Record<string, number>
}

export interface InfoOptions {
  readonly apiUrl: string
  readonly isTestnet: boolean
  readonly requestTimeoutMs?: number
}

export function openInfo(options: InfoOptions): VenueInfo {
  const transport = new HttpTransport({
    apiUrl: options.apiUrl,
    isTestnet: options.isTestnet,
    timeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    // A redirect could carry a signed body to somebody else.
    fetchOptions: { redirect: 'error' },
  })
  return { url: options.apiUrl, transport, client: new InfoClient({ transport }), counts: {} }
}

export function count(counts: Record<string, number>, kind: string): void {
  counts[kind] = (counts[kind] ?? 0) + 1
}

/**
 * @param kind the name under which the request is counted
 * @returns the answer, unchecked: decoders look at every field
 * @throws VenueError UNREACHABLE after `QUERY_ATTEMPTS_MAX` failures
 */
export async function ask(
  info: VenueInfo,
  kind: string,
  request: (client: InfoClient) => Promise<unknown>,
): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    count(info.counts, kind)
    try {
      return await request(info.client)
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      if (attempt === QUERY_ATTEMPTS_MAX) throw unreachable(info.url, kind, error)
      await pause(RETRY_WAIT_MS * attempt)
    }
  }
}

export function unreachable(url: string, what: string, cause: unknown): VenueError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const detail = inner instanceof Error ? inner.message : String(inner)
  return new VenueError('UNREACHABLE', `${url} did not answer ${what}: ${detail}`, { cause })
}
