/** The HTTP side: `POST /info` and `POST /exchange`. Answers are JSON with status 200 also when an action is refused. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { executeAction } from './actions/execute.ts'
import type { VenueContext } from './context.ts'
import { handleFaucet } from './faucet.ts'
import { type Act, actWithFaults, type WireReply } from './faults/requests.ts'
import { answerInfo } from './info/table.ts'
import { handleProtection } from './protection.ts'
import { takeWeight } from '../exchange/rate-limits.ts'
import { exchangeWeight, infoWeight, rowsWeight } from '../exchange/request-weights.ts'
import { FailedRequest, MalformedRequest } from './wire/fields.ts'

/** 200 orders are 40 kB; nothing the venue takes is longer. */
export const BODY_BYTES_MAX: number = 1024 * 1024

export function handleHttp(context: VenueContext, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url?.split('?')[0]
  const local = path === '/faucet' ? handleFaucet : path === '/protection' ? handleProtection : null
  if (path !== '/info' && path !== '/exchange' && local === null) return sendText(response, 404, 'Not Found')
  if (request.method !== 'POST') return sendText(response, 405, 'Method Not Allowed')
  readBody(request, (text) => {
    if (text === null) return sendText(response, 413, 'Payload Too Large')
    try {
      const body = parseJson(text)
      if (local !== null) {
        return local(context, originOf(request), body, (answer) => send(response, answer))
      }
      const handle = path === '/info' ? handleInfo : handleExchange
      const act: Act = (reply) => handle(context, originOf(request), body, reply)
      const { faults } = context
      const way = faults === null ? act : actWithFaults(faults, body, act)
      way((answer) => {
        if (answer === null) response.destroy()
        else send(response, answer)
      })
    } catch (error) {
      sendFailure(context, response, error)
    }
  })
}

export function originOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? 'unknown'
}

type Reply = (answer: WireReply) => void

function handleInfo(context: VenueContext, origin: string, body: unknown, reply: Reply): void {
  const { limits, world } = context
  if (!takeWeight(limits, origin, infoWeight(body), world.nowTsMs)) return reply(jsonReply(429, null))
  const answer = answerInfo(context, body)
  // Long lists cost more once they are known; what they cost is missed by the next request.
  takeWeight(limits, origin, rowsWeight(body, answer), world.nowTsMs, { isForced: true })
  reply(jsonReply(200, answer))
}

function handleExchange(context: VenueContext, origin: string, body: unknown, reply: Reply): void {
  const { limits, world } = context
  if (!takeWeight(limits, origin, exchangeWeight(body), world.nowTsMs)) return reply(jsonReply(429, null))
  executeAction(context, body, (answer) => reply(jsonReply(200, answer)))
}

function readBody(request: IncomingMessage, onBody: (text: string | null) => void): void {
  const chunks: Buffer[] = []
  let byteCount = 0
  request.on('data', (chunk: Buffer) => {
    byteCount += chunk.length
    // What is too long is read to its end and dropped, so that the answer reaches the client.
    if (byteCount <= BODY_BYTES_MAX) chunks.push(chunk)
  })
  request.on('end', () => onBody(byteCount > BODY_BYTES_MAX ? null : Buffer.concat(chunks).toString('utf8')))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new MalformedRequest()
  }
}

function sendFailure(context: VenueContext, response: ServerResponse, error: unknown): void {
  if (error instanceof MalformedRequest) return sendText(response, 422, error.message)
  if (error instanceof FailedRequest) return send(response, jsonReply(500, null))
  context.log('error', 'a request failed', {
    error: error instanceof Error ? (error.stack ?? error.message) : error,
  })
  sendText(response, 500, 'Internal Server Error')
}

function jsonReply(status: number, value: unknown): WireReply {
  return { status, contentType: 'application/json', text: JSON.stringify(value) }
}

function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, { status, contentType: 'text/plain; charset=utf-8', text })
}

function send(response: ServerResponse, { status, contentType, text }: WireReply): void {
  // The client may be gone by the time its block has run.
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
