/** WebSocket connections coming and going: the upgrade of a request, and the close of those that idle. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocketServer } from 'ws'
import { originOf } from './http.ts'
import { refusesStreams } from './faults/streams.ts'
import type { Hub } from './hub.ts'
import { type Connection, createConnection, dropConnection, receive } from './socket.ts'
import { type ConnectionLimits, releaseConnection, takeConnection } from './socket-limits.ts'

/** The idle check runs so many times in that span. */
const IDLE_CHECKS = 4

export interface Acceptor {
  readonly hub: Hub
  readonly sockets: WebSocketServer
  readonly connections: Set<Connection>
  readonly limits: ConnectionLimits
}

export function acceptUpgrade(
  acceptor: Acceptor,
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
): void {
  const { hub, sockets, connections, limits } = acceptor
  const origin = originOf(request)
  if (request.url?.split('?')[0] !== '/ws') return refuseUpgrade(stream, '404 Not Found')
  if (!takeConnection(limits, origin, hub.context.world.nowTsMs))
    return refuseUpgrade(stream, '429 Too Many Requests')
  if (refusesStreams(hub.context.faults)) {
    releaseConnection(limits, origin)
    return refuseUpgrade(stream, '503 Service Unavailable')
  }
  // A handshake that fails after this point ends the stream without a connection.
  let isOpen = false
  stream.once('close', () => {
    if (!isOpen) releaseConnection(limits, origin)
  })
  sockets.handleUpgrade(request, stream, head, (socket) => {
    isOpen = true
    hub.context.faults?.begin()
    const connection = createConnection(hub, { socket, stream }, origin, limits)
    connections.add(connection)
    socket.on('message', (data) => receive(hub, connection, String(data)))
    socket.on('error', (error) =>
      hub.context.log('debug', 'a WebSocket failed', { origin, error: error.message }),
    )
    socket.on('close', () => {
      connections.delete(connection)
      releaseConnection(limits, origin)
      dropConnection(hub, connection)
    })
  })
}

function refuseUpgrade(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** Closes connections to which nothing was sent for `idleMs`. @returns the way to stop it */
export function closeIdle(connections: ReadonlySet<Connection>, idleMs: number): () => void {
  const timer = setInterval(() => {
    const oldestMs = performance.now() - idleMs
    for (const { socket, lastSentMs } of connections) {
      if (lastSentMs < oldestMs) socket.close(1000, 'Inactive')
    }
  }, idleMs / IDLE_CHECKS)
  timer.unref()
  return () => clearInterval(timer)
}
