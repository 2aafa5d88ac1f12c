/**
 * The frame that answers a WebSocket post. The usual answer to orders is written by hand, since a serialiser asks of every
 * value what it is; all else goes through `JSON.stringify`. Both write the same text: the law is in test/server/quick.test.ts.
 */
import type { ServedAnswer } from '../faults/posts.ts'
import type { WireAnswer, WireOrderAnswer } from './types.ts'

export function postFrame(id: number, response: ServedAnswer): string {
  const quick = response.type === 'action' ? quickOrdersText(response.payload) : null
  return quick === null
    ? JSON.stringify({ channel: 'post', data: { id, response } })
    : `{"channel":"post","data":{"id":${id},"response":{"type":"action","payload":${quick}}}}`
}

/** @returns the answer as JSON when each of its orders rests now; else null */
function quickOrdersText(answer: WireAnswer): string | null {
  if (answer.status !== 'ok' || answer.response.type !== 'order') return null
  let list = ''
  for (const status of answer.response.data.statuses) {
    const text = quickStatusText(status)
    if (text === null) return null
    list += list === '' ? text : `,${text}`
  }
  return `{"status":"ok","response":{"type":"order","data":{"statuses":[${list}]}}}`
}

/** Client ids are `0x` and digits by now: nothing in them needs an escape. */
function quickStatusText(status: WireOrderAnswer): string | null {
  if (typeof status !== 'object' || !('resting' in status)) return null
  const { oid, cloid } = status.resting
  return cloid === undefined ? `{"resting":{"oid":${oid}}}` : `{"resting":{"oid":${oid},"cloid":"${cloid}"}}`
}
