/** Answers of WebSocket posts as replies that faults can change, and back. */
import type { WireAnswer } from '../wire/types.ts'
import type { WireReply } from './requests.ts'

/** @typeParam Answer of an action: whatever faults make of it, or what the venue says */
export type PostAnswer<Answer = unknown> =
  | { readonly type: 'info'; readonly payload: { readonly type: unknown; readonly data: unknown } }
  | { readonly type: 'action'; readonly payload: Answer }
  | { readonly type: 'error'; readonly payload: string }
/** Before any fault. */
export type ServedAnswer = PostAnswer<WireAnswer>

const STATUS_OK = 200
/** The venue's own words for a failed post begin with the status. */
const FAILED = /^(\d{3}) /

export function replyOf(answer: PostAnswer): WireReply {
  const contentType = 'application/json'
  if (answer.type === 'error') {
    const status = Number(FAILED.exec(answer.payload)?.[1] ?? 500)
    return { status, contentType, text: answer.payload }
  }
  const content = answer.type === 'info' ? answer.payload.data : answer.payload
  return { status: STATUS_OK, contentType, text: JSON.stringify(content) }
}

export function postAnswerOf(kind: 'info' | 'action', payload: unknown, reply: WireReply): PostAnswer {
  if (reply.status !== STATUS_OK) {
    return { type: 'error', payload: FAILED.test(reply.text) ? reply.text : `${reply.status} ${reply.text}` }
  }
  const content = parsed(reply.text)
  if (content === undefined) return { type: 'error', payload: reply.text }
  if (kind === 'action') return { type: 'action', payload: content }
  const type = typeof payload === 'object' && payload !== null && 'type' in payload ? payload.type : null
  return { type: 'info', payload: { type, data: content } }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
