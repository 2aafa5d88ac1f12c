/**
 * A wire that fails on request: sits between a client and a real venue on loopback, and loses, delays or replaces what a test
 * names. HTTP bodies and single WebSocket frames pass through hooks; without hooks everything passes untouched.
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export type Fate =
  | 'pass'
  /** The venue never sees it; the client's connection breaks. */
  | 'loseRequest'
  /** The venue acts on it; the client's connection breaks before the answer. */
  | 'loseAnswer'
  /** The venue acts on it; the client waits until the proxy closes. */
  | 'holdAnswer'
  /** The venue acts on it (unless `isUnseen`: then it never hears of it); the client gets this in place of the answer. */
  | {
      readonly status: number
      readonly contentType: string
      readonly body: string
      readonly isUnseen?: boolean
    }
  /** The venue acts on it; the client gets its answer only then. */
  | { readonly after: Promise<void> }
  /** The venue acts on it; the client gets its answer changed. */
  | { readonly edit: (body: string) => string }

export interface WireProxy {
  readonly apiUrl: string
  readonly wsUrl: string
  /** Decides over one HTTP request by its path (`/info`, `/exchange`) and JSON body. */
  onRequest: (path: string, body: string) => Fate
  /** Changes a text frame to the client; null drops it. */
  onFrame: (text: string) => string | null
  /** False: new WebSocket connections are cut at once. */
  acceptsStreams: boolean
  streamCount(): number
  /** Cuts every WebSocket connection in the middle, without a close frame. */
  cutStreams(): void
  /** Sends a text frame to every client that the venue never sent. */
  inject(text: string): void
  close(): Promise<void>
}

const PASS = (): Fate => 'pass'

/** @param target `http://127.0.0.1:port` of the venue */
export async function openWireProxy(target: string): Promise<WireProxy> {
  const { hostname, port } = new URL(target)
  const venue = { hostname, port: Number(port) }
  const clients = new Set<Socket>()
  const proxy: { -readonly [Key in keyof WireProxy]: WireProxy[Key] } = {
    apiUrl: '',
    wsUrl: '',
    onRequest: PASS,
    onFrame: (text) => text,
    acceptsStreams: true,
    streamCount: () => clients.size,
    cutStreams: () => {
      for (const client of clients) client.destroy()
    },
    inject: (text) => {
      for (const client of clients) client.write(textFrame(Buffer.from(text)))
    },
    close: async () => {
      for (const client of clients) client.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const server: Server = createServer((incoming, outgoing) => {
    forward(proxy, venue, incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket) => {
    if (!proxy.acceptsStreams) socket.destroy()
    else tunnel(proxy, venue, clients, incoming, socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const own = (server.address() as AddressInfo).port // A TCP server has an address and port.
  proxy.apiUrl = `http://127.0.0.1:${own}`
  proxy.wsUrl = `ws://127.0.0.1:${own}/ws`
  return proxy
}

interface Venue {
  readonly hostname: string
  readonly port: number
}

async function forward(
  proxy: WireProxy,
  venue: Venue,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const path = incoming.url ?? '/'
  const body = await readAll(incoming)
  const fate = proxy.onRequest(path, body)
  if (fate === 'loseRequest') {
    outgoing.destroy()
    return
  }
  if (typeof fate === 'object' && 'status' in fate && fate.isUnseen === true) {
    outgoing.writeHead(fate.status, { 'content-type': fate.contentType }).end(fate.body)
    return
  }
  const answer = await send(venue, incoming, path, body)
  if (fate === 'holdAnswer') return
  if (typeof fate === 'object' && 'after' in fate) await fate.after
  if (fate === 'loseAnswer') outgoing.destroy()
  else if (fate === 'pass' || 'after' in fate)
    outgoing.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body)
  else if ('edit' in fate) {
    outgoing.writeHead(answer.status, { 'content-type': answer.contentType }).end(fate.edit(answer.body))
  } else outgoing.writeHead(fate.status, { 'content-type': fate.contentType }).end(fate.body)
}

async function send(
  venue: Venue,
  incoming: IncomingMessage,
  path: string,
  body: string,
): Promise<{ readonly status: number; readonly contentType: string; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': incoming.headers['content-type'] ?? 'application/json' }
    const outgoing = request({ ...venue, path, method: incoming.method ?? 'POST', headers }, (answer) => {
      readAll(answer).then((text) => {
        resolve({
          status: answer.statusCode ?? 0,
          contentType: answer.headers['content-type'] ?? '',
          body: text,
        })
      }, reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

async function readAll(stream: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer) // Without an encoding, streams give buffers.
  return Buffer.concat(parts).toString('utf8')
}

function tunnel(
  proxy: WireProxy,
  venue: Venue,
  clients: Set<Socket>,
  incoming: IncomingMessage,
  client: Socket,
): void {
  const upstream = connect(venue.port, venue.hostname)
  clients.add(client)
  const end = (): void => {
    clients.delete(client)
    client.destroy()
    upstream.destroy()
  }
  for (const socket of [client, upstream]) socket.on('close', end).on('error', end)
  upstream.write(handshakeOf(incoming))
  client.pipe(upstream)
  let buffer = Buffer.alloc(0)
  let isOpen = false
  upstream.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk])
    if (!isOpen) {
      const headEnd = buffer.indexOf('\r\n\r\n')
      if (headEnd === -1) return
      client.write(buffer.subarray(0, headEnd + 4))
      buffer = buffer.subarray(headEnd + 4)
      isOpen = true
    }
    for (let frame = firstFrame(buffer); frame !== null; frame = firstFrame(buffer)) {
      buffer = buffer.subarray(frame.bytes.length)
      const text = frame.payload === null ? null : proxy.onFrame(frame.payload.toString('utf8'))
      if (frame.payload === null) client.write(frame.bytes)
      else if (text !== null) client.write(textFrame(Buffer.from(text)))
    }
  })
}

/** The client's handshake without extensions: compressed frames could not be read here. */
function handshakeOf(incoming: IncomingMessage): string {
  const lines = [`GET ${incoming.url ?? '/'} HTTP/1.1`]
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    const name = incoming.rawHeaders[index] ?? ''
    if (name.toLowerCase() === 'sec-websocket-extensions') continue
    lines.push(`${name}: ${incoming.rawHeaders[index + 1] ?? ''}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

const TEXT_OPCODE = 1

/** @returns the first whole frame of a server (never masked); its payload when it is a text in one piece */
function firstFrame(buffer: Buffer): { readonly bytes: Buffer; readonly payload: Buffer | null } | null {
  if (buffer.length < 2) return null
  const short = buffer.readUInt8(1) & 0x7f
  const headLength = short === 127 ? 10 : short === 126 ? 4 : 2
  if (buffer.length < headLength) return null
  const length =
    short === 127 ? Number(buffer.readBigUInt64BE(2)) : short === 126 ? buffer.readUInt16BE(2) : short
  if (buffer.length < headLength + length) return null
  const bytes = buffer.subarray(0, headLength + length)
  const isText = buffer.readUInt8(0) === (0x80 | TEXT_OPCODE)
  return { bytes, payload: isText ? bytes.subarray(headLength) : null }
}

function textFrame(payload: Buffer): Buffer {
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10)
  head.writeUInt8(0x80 | TEXT_OPCODE, 0)
  if (head.length === 2) head.writeUInt8(payload.length, 1)
  else if (head.length === 4) {
    head.writeUInt8(126, 1)
    head.writeUInt16BE(payload.length, 2)
  } else {
    head.writeUInt8(127, 1)
    head.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  return Buffer.concat([head, payload])
}
