/**
 * One WebSocket connection: requests in, acknowledgements, posts' answers and feeds out.
 *
 * Longer than most files: every kind of message a client may send, and its words of refusal, in one place.
 *
 * state  its subscriptions and posts in flight, both bounded; a client that does not read is cut off
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket
 */
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { executeAction } from './actions/execute.ts'
import { type Hub, joinFeed, leaveFeed, type LiveFeed, openFeed, subscriptionKey, toFrame } from './hub.ts'
import { gateOf } from './faults/frames.ts'
import { postAnswerOf, replyOf, type ServedAnswer } from './faults/posts.ts'
import { type Act, actWithFaults } from './faults/requests.ts'
import { answerInfo } from './info/table.ts'
import { type Post, readMessage } from './message.ts'
import { type ConnectionLimits, followUser, takeMessage, unfollowUser } from './socket-limits.ts'
import { FailedRequest, MalformedRequest } from './wire/fields.ts'
import { postFrame } from './wire/post-frame.ts'

export const SUBSCRIPTIONS_MAX = 1_000
export const POSTS_IN_FLIGHT_MAX = 100
/** A client this far behind is cut off: it would only read the past. */
export const UNSENT_BYTES_MAX: number = 16 * 1024 * 1024

export interface Connection {
  readonly socket: WebSocket
  /** Under the socket; only for a break in the middle of a frame. */
  readonly stream: Duplex
  readonly origin: string
  readonly limits: ConnectionLimits
  readonly feeds: Map<string, LiveFeed>
  postsInFlight: number
  /** By the clock of the process, for the idle close. */
  lastSentMs: number
  send: (text: string) => void
}

export function createConnection(
  hub: Hub,
  transport: { readonly socket: WebSocket; readonly stream: Duplex },
  origin: string,
  limits: ConnectionLimits,
): Connection {
  const { socket } = transport
  const connection: Connection = {
    ...transport,
    origin,
    limits,
    feeds: new Map(),
    postsInFlight: 0,
    lastSentMs: performance.now(),
    send(text) {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > UNSENT_BYTES_MAX) {
        hub.context.log('warn', 'a WebSocket client does not read: cut off', {
          origin,
          unsent: socket.bufferedAmount,
        })
        socket.terminate()
        return
      }
      connection.lastSentMs = performance.now()
      socket.send(text)
    },
  }
  const { faults, world } = hub.context
  if (faults !== null) connection.send = gateOf(faults, () => world.nowTsMs, connection.send)
  return connection
}

/** Handles one text frame of the client. */
export function receive(hub: Hub, connection: Connection, text: string): void {
  if (!takeMessage(connection.limits, connection.origin, hub.context.world.nowTsMs)) {
    return sendError(connection, 'Too many messages sent per minute.')
  }
  const request = readMessage(parseJson(text))
  if (request === null)
    return sendError(connection, `Error parsing JSON into valid websocket request: ${text}`)
  if (request.method === 'ping') return connection.send('{"channel":"pong"}')
  if (request.method === 'post') return handlePost(hub, connection, request)
  if (request.method === 'subscribe') return subscribe(hub, connection, request.subscription)
  unsubscribe(hub, connection, request.subscription)
}

/** Ends what the connection holds; its socket is closed or closing. */
export function dropConnection(hub: Hub, connection: Connection): void {
  for (const live of connection.feeds.values()) {
    leaveFeed(hub, live, connection)
    unfollowUser(connection.limits, connection.origin, live.feed.user)
  }
  connection.feeds.clear()
}

function subscribe(hub: Hub, connection: Connection, subscription: object): void {
  const key = subscriptionKey(subscription)
  const echo = JSON.stringify(subscription)
  if (connection.feeds.has(key)) return sendError(connection, `Already subscribed: ${echo}`)
  if (connection.feeds.size >= SUBSCRIPTIONS_MAX) {
    return sendError(connection, `Cannot subscribe to more than ${SUBSCRIPTIONS_MAX} channels.`)
  }
  const live = openFeed(hub, key, subscription)
  if (live === null) return sendError(connection, `Invalid subscription ${echo}`)
  const refusal = followUser(connection.limits, connection.origin, live.feed.user)
  if (refusal !== null) return sendError(connection, refusal)
  connection.feeds.set(key, live)
  connection.send(toFrame('subscriptionResponse', { method: 'subscribe', subscription }))
  joinFeed(hub, live, connection)
}

function unsubscribe(hub: Hub, connection: Connection, subscription: object): void {
  const key = subscriptionKey(subscription)
  const live = connection.feeds.get(key)
  if (live === undefined)
    return sendError(connection, `Already unsubscribed: ${JSON.stringify(subscription)}`)
  connection.feeds.delete(key)
  leaveFeed(hub, live, connection)
  unfollowUser(connection.limits, connection.origin, live.feed.user)
  connection.send(toFrame('subscriptionResponse', { method: 'unsubscribe', subscription }))
}

function handlePost(hub: Hub, connection: Connection, post: Post): void {
  const { faults } = hub.context
  if (connection.postsInFlight >= POSTS_IN_FLIGHT_MAX) {
    return sendError(connection, `too many pending post requests id=${post.id}`)
  }
  if (faults === null) {
    return actOnPost(hub, connection, post, (response) => connection.send(postFrame(post.id, response)))
  }
  const { type, payload } = post.request
  const act: Act = (reply) => {
    actOnPost(hub, connection, post, (response) => reply(replyOf(response)))
  }
  actWithFaults(
    faults,
    payload,
    act,
  )((reply) => {
    // Nothing comes for a lost answer: the other posts of this connection are not to suffer.
    if (reply === null) return
    connection.send(toFrame('post', { id: post.id, response: postAnswerOf(type, payload, reply) }))
  })
}

function actOnPost(
  hub: Hub,
  connection: Connection,
  { request }: Post,
  answer: (response: ServedAnswer) => void,
): void {
  let isOpen = request.type === 'action'
  if (isOpen) connection.postsInFlight += 1
  try {
    if (request.type === 'info') {
      const data = answerInfo(hub.context, request.payload)
      return answer({ type: 'info', payload: { type: typeOf(request.payload), data } })
    }
    executeAction(hub.context, request.payload, (payload) => {
      isOpen = false
      connection.postsInFlight -= 1
      answer({ type: 'action', payload })
    })
  } catch (error) {
    // What fails after the answer went out was logged where it failed: one post has one answer.
    const text = failureText(hub, error)
    if (request.type === 'action' && !isOpen) return
    if (isOpen) connection.postsInFlight -= 1
    answer({ type: 'error', payload: text })
  }
}

function failureText(hub: Hub, error: unknown): string {
  if (error instanceof MalformedRequest) return `422 Unprocessable Entity: ${error.message}`
  if (error instanceof FailedRequest) return '500 Internal Server Error: null'
  hub.context.log('error', 'a WebSocket post failed', { error: String(error) })
  return '500 Internal Server Error'
}

function sendError(connection: Connection, text: string): void {
  connection.send(toFrame('error', text))
}

function typeOf(payload: unknown): unknown {
  return typeof payload === 'object' && payload !== null && 'type' in payload ? payload.type : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
