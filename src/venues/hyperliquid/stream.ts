/**
 * One WebSocket connection, from opening to its end: subscriptions acknowledged, frames handed on in order. It never
 * reconnects by itself (the link opens the next one), so frames of two connections cannot mix.
 */
import { type ISubscription, WebSocketTransport } from '@nktkas/hyperliquid'
import { WebSocket as NodeWebSocket } from 'ws'
import { count, type Hex, unreachable } from './info.ts'
import { CLOSE_MS_MAX, FRAME_BYTES_MAX } from './options.ts'

export interface StreamOptions {
  readonly url: string
  readonly isTestnet: boolean
  readonly timeoutMs: number
  readonly coin: string
  /** Coin whose touch is told besides; null: none. */
  readonly referenceCoin: string | null
  /** Null: the market's channels alone. */
  readonly account: Hex | null
  readonly counts: Record<string, number>
}

export interface StreamEvents {
  /** Every text frame first, as it came. @returns whether that was all: then nobody else reads it */
  readonly onBytes: (bytes: Uint8Array) => boolean
  readonly onFrame: (channel: string, data: unknown) => void
  /** A frame that is no JSON object with a channel. */
  readonly onGarbage: (text: string) => void
  /** The connection ended, once; nothing follows. */
  readonly onLost: (because: string) => void
}

export interface Stream {
  /** Asks for a fresh book. @throws VenueError UNREACHABLE when the venue does not confirm */
  renewBook(): Promise<void>
  /** Ends the connection without `onLost`. */
  close(): Promise<void>
}

/** A `ws` socket for the SDK, which wants a browser's constructor: frames are bounded, and closing takes no half minute. */
class BoundedWebSocket extends NodeWebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { maxPayload: FRAME_BYTES_MAX, followRedirects: false })
  }

  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason)
    // A peer that is gone never confirms, and the library would keep the process alive for 30 s.
    const timer = setTimeout(() => this.terminate(), CLOSE_MS_MAX)
    timer.unref()
    this.once('close', () => clearTimeout(timer))
  }
}

/**
 * A socket whose frames go to `onBytes` before anybody parses them: of books and touches, which are most of the traffic, the
 * SDK would make JSON only to find that it has no use for them.
 */
function socketClass(onBytes: (bytes: Uint8Array) => boolean): typeof BoundedWebSocket {
  return class extends BoundedWebSocket {
    override emit(event: string | symbol, ...values: unknown[]): boolean {
      const [data, isBinary] = values
      if (event === 'message' && isBinary === false && data instanceof Uint8Array && onBytes(data))
        return true
      return super.emit(event, ...values)
    }
  }
}

/**
 * Opens a connection and subscribes; ends once everything is acknowledged. Frames may come before that.
 * @throws VenueError UNREACHABLE
 */
export async function openStream(options: StreamOptions, events: StreamEvents): Promise<Stream> {
  count(options.counts, 'connect')
  let isEnded = false
  const transport = new WebSocketTransport({
    url: options.url,
    isTestnet: options.isTestnet,
    timeout: options.timeoutMs,
    resubscribe: false,
    reconnect: {
      // The types of ws differ from a browser's in events that the SDK does not use.
      WebSocket: socketClass((bytes) => !isEnded && events.onBytes(bytes)) as unknown as new (
        url: string | URL,
        protocols?: string | string[],
      ) => WebSocket,
      maxRetries: 0,
      connectionTimeout: options.timeoutMs,
    },
  })
  const end = (because: string): void => {
    if (isEnded) return
    isEnded = true
    events.onLost(because)
  }
  // The SDK types its events by the browser's; as an event target it is one of Node.
  const socket: EventTarget = transport.socket
  socket.addEventListener('message', (event) => {
    if (!isEnded) readFrame('data' in event ? event.data : null, events)
  })
  socket.addEventListener('close', (event) => {
    const code = 'code' in event ? String(event.code) : 'none'
    const reason = 'reason' in event && event.reason !== '' ? ` (${String(event.reason)})` : ''
    end(`the connection closed with code ${code}${reason}`)
  })
  const close = async (): Promise<void> => {
    isEnded = true
    await transport.close(AbortSignal.timeout(options.timeoutMs)).catch(() => undefined) // Gone is gone.
  }
  try {
    await transport.ready()
    const subscriptions = await subscribeAll(transport, options)
    return { renewBook: () => renew(transport, options, subscriptions), close }
  } catch (error) {
    await close()
    throw unreachable(options.url, 'the subscriptions', error)
  }
}

function payloadsOf(options: StreamOptions): readonly { readonly type: string }[] {
  const { coin, referenceCoin, account } = options
  const quoted = ['l2Book', 'bbo', 'trades', 'activeAssetCtx'].map((type) => ({ type, coin }))
  const market = referenceCoin === null ? quoted : [...quoted, { type: 'bbo', coin: referenceCoin }]
  if (account === null) return market
  const own = ['orderUpdates', 'userFills', 'userFundings'].map((type) => ({ type, user: account }))
  return [...own, ...market]
}

/** Frames are read from the socket itself, so the SDK's own listeners have nothing to do. */
function ignoreFrame(): void {}

async function subscribeAll(
  transport: WebSocketTransport,
  options: StreamOptions,
): Promise<Map<string, ISubscription>> {
  const entries = await Promise.all(
    payloadsOf(options).map(async (payload) => {
      count(options.counts, 'subscribe')
      return [payload.type, await transport.subscribe(payload.type, payload, ignoreFrame)] as const
    }),
  )
  return new Map(entries)
}

async function renew(
  transport: WebSocketTransport,
  options: StreamOptions,
  subscriptions: Map<string, ISubscription>,
): Promise<void> {
  try {
    count(options.counts, 'subscribe')
    await subscriptions.get('l2Book')?.unsubscribe()
    const payload = { type: 'l2Book', coin: options.coin }
    subscriptions.set('l2Book', await transport.subscribe('l2Book', payload, ignoreFrame))
  } catch (error) {
    throw unreachable(options.url, 'a renewed book subscription', error)
  }
}

function readFrame(data: unknown, events: StreamEvents): void {
  const text = typeof data === 'string' ? data : ''
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    frame = null
  }
  if (
    typeof frame === 'object' &&
    frame !== null &&
    'channel' in frame &&
    typeof frame.channel === 'string'
  ) {
    events.onFrame(frame.channel, 'data' in frame ? frame.data : undefined)
    return
  }
  // Older servers greet in plain text.
  if (!text.startsWith('Websocket connection established')) events.onGarbage(text)
}
