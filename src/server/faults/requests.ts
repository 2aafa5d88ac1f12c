/**
 * Faults of requests, HTTP and WebSocket posts alike: each wraps the way from request to answer, so that several compose.
 *
 *     request ──> [fault] ──> [fault] ──> the venue acts ──> answer ──> [fault] ──> [fault] ──> client
 */
import { assertNever } from '../../core/assert.ts'
import type { FaultPlan } from './plan.ts'
import type { Fault, RequestFault } from './script.ts'

export interface WireReply {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

/** How the venue acts on a request. `null`: the answer is lost, the connection breaks. */
export type Act = (reply: (answer: WireReply | null) => void) => void

const JSON_TYPE = 'application/json'
const GATEWAY_PAGE =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>'
const HALF_JSON = '{"status":"ok","response":{"type":"or'
const BODIES: Readonly<Record<'null' | 'html' | 'empty' | 'half-json', Omit<WireReply, 'status'>>> = {
  null: { contentType: JSON_TYPE, text: 'null' },
  html: { contentType: 'text/html', text: GATEWAY_PAGE },
  empty: { contentType: JSON_TYPE, text: '' },
  'half-json': { contentType: JSON_TYPE, text: HALF_JSON },
}
const BUDGET_TEXT =
  'Too many cumulative requests sent (10001 > 10000) for cumulative volume traded $0.0. ' +
  'Place taker orders to free up 1 request per USDC traded.'
/** Actions that place orders. */
const PLACING: ReadonlySet<string> = new Set(['order', 'modify', 'batchModify'])
/** Far from every order the exchange numbers in a rehearsal. */
const GHOST_OID = 987_654_321_000

const REQUEST_KINDS: ReadonlySet<string> = new Set<RequestFault['kind']>([
  'lose-request',
  'lose-answer',
  'delay-request',
  'delay-answer',
  'answer',
  'truncate-answer',
  'half-batch',
  'refuse',
  'budget-exhausted',
  'ghost-orders',
  'missing-orders',
])

function isRequestFault(fault: Fault): fault is RequestFault {
  return REQUEST_KINDS.has(fault.kind)
}

/** @returns how to act on this request while the script runs; `act` itself when no fault strikes */
export function actWithFaults(plan: FaultPlan, body: unknown, act: Act): Act {
  const type = typeOf(body)
  let way = act
  for (const fault of plan.script.fault) {
    if (!isRequestFault(fault) || !concerns(fault, type) || !plan.strikes(fault)) continue
    way = wrap(plan, fault, way)
  }
  return way
}

function concerns(fault: RequestFault, type: string): boolean {
  switch (fault.kind) {
    case 'budget-exhausted':
      return PLACING.has(type)
    case 'ghost-orders':
    case 'missing-orders':
      return type === 'openOrders' || type === 'frontendOpenOrders'
    default:
      return fault.requests.includes('*') || fault.requests.includes(type)
  }
}

function wrap(plan: FaultPlan, fault: RequestFault, act: Act): Act {
  const edited =
    (edit: (text: string) => string): Act =>
    (reply) =>
      act((answer) => reply(answer === null ? null : { ...answer, text: edit(answer.text) }))
  switch (fault.kind) {
    case 'lose-request':
      return (reply) => reply(null)
    case 'lose-answer':
      return (reply) => act(() => reply(null))
    case 'delay-request':
      return (reply) => plan.after(plan.delayMs(fault.ms), () => act(reply))
    case 'delay-answer':
      return (reply) => act((answer) => plan.after(plan.delayMs(fault.ms), () => reply(answer)))
    case 'answer': {
      const answer = { status: fault.status, ...BODIES[fault.body] }
      return fault.acted ? (reply) => act(() => reply(answer)) : (reply) => reply(answer)
    }
    case 'truncate-answer':
      return edited((text) => text.slice(0, Math.ceil(text.length / 2)))
    case 'half-batch':
      return edited((text) => editJson(text, withHalfOfStatuses))
    case 'refuse':
      return (reply) => reply(refusal(fault.text))
    case 'budget-exhausted':
      return (reply) => reply(refusal(BUDGET_TEXT))
    case 'ghost-orders':
      return edited((text) => editJson(text, withGhosts))
    case 'missing-orders':
      return edited((text) => editJson(text, (value) => (Array.isArray(value) ? value.slice(1) : value)))
    default:
      return assertNever(fault)
  }
}

function typeOf(body: unknown): string {
  const outer = fieldsOf(body)
  const { type } = 'action' in outer ? fieldsOf(outer['action']) : outer
  return typeof type === 'string' ? type : ''
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function refusal(text: string): WireReply {
  return { status: 200, contentType: JSON_TYPE, text: JSON.stringify({ status: 'err', response: text }) }
}

function editJson(text: string, edit: (value: unknown) => unknown): string {
  try {
    return JSON.stringify(edit(JSON.parse(text)))
  } catch {
    // An answer that another fault already broke stays broken.
    return text
  }
}

function withHalfOfStatuses(answer: unknown): unknown {
  const response = fieldsOf(fieldsOf(answer)['response'])
  const { statuses } = fieldsOf(response['data'])
  if (!Array.isArray(statuses)) return answer
  const half: unknown[] = statuses.slice(0, Math.floor(statuses.length / 2))
  return { ...fieldsOf(answer), response: { ...response, data: { statuses: half } } }
}

/** A copy of the first order under an oid that does not exist, without the client id; nothing in an empty list. */
function withGhosts(list: unknown): unknown {
  if (!Array.isArray(list) || list.length === 0) return list
  return [...(list as unknown[]), { ...fieldsOf(list[0]), oid: GHOST_OID, cloid: undefined }]
}
