/** What a client may send over WebSocket: `ping`, `subscribe`, `unsubscribe`, `post`. */
import { z } from 'zod'
import { whole } from './wire/fields.ts'
import { isQuickWhole, quickFields } from './wire/quick.ts'

/** An info request or a signed action, with the number under which its answer is to come. */
export interface Post {
  readonly method: 'post'
  readonly id: number
  readonly request: { readonly type: 'info' | 'action'; readonly payload?: unknown }
}

export type Message =
  | { readonly method: 'ping' }
  | { readonly method: 'subscribe' | 'unsubscribe'; readonly subscription: object }
  | Post

export const message: z.ZodType<Message> = z.union([
  z.object({ method: z.literal('ping') }),
  z.object({
    method: z.enum(['subscribe', 'unsubscribe']),
    subscription: z.custom<object>(isSubscription),
  }),
  z.object({
    method: z.literal('post'),
    id: whole,
    request: z.object({ type: z.enum(['info', 'action']), payload: z.unknown() }),
  }),
])

/** @returns null when it is none of them */
export function readMessage(value: unknown): Message | null {
  const post = quickPost(value)
  if (post !== null) return post
  const result = message.safeParse(value)
  return result.success ? result.data : null
}

/** Orders come this way: see wire/quick.ts. */
export function quickPost(value: unknown): Post | null {
  const fields = quickFields(value)
  if (fields === null || fields['method'] !== 'post') return null
  const id = fields['id']
  const request = quickFields(fields['request'])
  if (!isQuickWhole(id) || request === null) return null
  const { type, payload } = request
  if ((type !== 'info' && type !== 'action') || payload === undefined) return null
  return { method: 'post', id, request: { type, payload } }
}

/** Not rebuilt by the schema: the client wants to hear exactly what it sent. */
function isSubscription(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
