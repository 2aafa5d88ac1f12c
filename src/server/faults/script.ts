/**
 * Fault scripts: what goes wrong on the wire or at the venue, when, how often and to whom. Data from a TOML file, checked here.
 * Every kind is one member of the union below and one row of docs/faults.md.
 *
 * Longer than most files: the vocabulary of failing stands in one place.
 */
import { z } from 'zod'
import { IMPLICIT_MARGIN_TABLE_LIMIT } from '../../exchange/instrument.ts'

export type FaultScriptErrorCode = 'BAD_FAULT_SCRIPT'

/** The script is not one; the message names file, field, value and remedy. */
export class FaultScriptError extends Error {
  override readonly name = 'FaultScriptError'
  readonly code: FaultScriptErrorCode

  constructor(code: FaultScriptErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** A whole script has at most so many faults: each frame passes all of them. */
export const FAULTS_MAX = 50
const DELAY_MS_MAX = 600_000
/** Of a wrong value in a message. */
const SHOWN_CHARS_MAX = 80
/** Frames that one `reorder` holds back for one client. */
export const REORDER_WINDOW_MAX = 100

interface Timed {
  /** Seconds of exchange time after the first WebSocket connection; 0: from the start. */
  readonly at_sec: number
}
interface Lasting extends Timed {
  /** Left out: to the end. */
  readonly for_sec?: number | undefined
}
interface Striking extends Lasting {
  /** At most so often. */
  readonly count?: number | undefined
  /** Of what matches, each only with this probability. */
  readonly share: number
}
interface OfRequests extends Striking {
  /** Types of actions and of info requests: `order`, `openOrders`; `*` is all. */
  readonly requests: readonly string[]
}
interface OfFrames extends Striking {
  readonly channels: readonly string[]
}
/** A number, or an even draw between two. */
type DelayMs = number | readonly [number, number]

export type RequestFault =
  | (OfRequests & { readonly kind: 'lose-request' | 'lose-answer' | 'truncate-answer' | 'half-batch' })
  | (OfRequests & { readonly kind: 'delay-request' | 'delay-answer'; readonly ms: DelayMs })
  | (OfRequests & {
      readonly kind: 'answer'
      readonly status: number
      readonly body: 'null' | 'html' | 'empty' | 'half-json'
      /** The venue acts on the request all the same. */
      readonly acted: boolean
    })
  | (OfRequests & { readonly kind: 'refuse'; readonly text: string })
  | (Striking & { readonly kind: 'budget-exhausted' | 'ghost-orders' | 'missing-orders' })

export type FrameFault =
  | (OfFrames & { readonly kind: 'drop' | 'duplicate' | 'garble' })
  | (OfFrames & { readonly kind: 'delay'; readonly ms: DelayMs })
  | (OfFrames & { readonly kind: 'reorder'; readonly window: number })

type StreamFault =
  | (Lasting & { readonly kind: 'silence' | 'refuse-streams' })
  | (Timed & { readonly kind: 'disconnect'; readonly mid_frame: boolean })

type MarketFault =
  | (Lasting & { readonly kind: 'oracle-gap' })
  | (Timed & { readonly kind: 'price-jump'; readonly bps: number })
  | (Timed & { readonly kind: 'margin-table'; readonly coin: string; readonly max_leverage: number })
  | (Timed & { readonly kind: 'liquidate' })

/** Judged order by order, where they are decoded: post-only.ts. */
type OrderFault = Striking & { readonly kind: 'post-only' }
export type Fault = RequestFault | OrderFault | FrameFault | StreamFault | MarketFault

export interface FaultScript {
  readonly about: string
  readonly seed: number
  readonly fault: readonly Fault[]
}

const when = {
  at_sec: z.number().min(0).default(0),
  for_sec: z.number().positive().optional(),
}
const howOften = {
  count: z.number().int().min(1).optional(),
  share: z.number().gt(0).max(1).default(1),
}
const ms = z.union([
  z.number().min(0).max(DELAY_MS_MAX),
  z
    .tuple([z.number().min(0).max(DELAY_MS_MAX), z.number().min(0).max(DELAY_MS_MAX)])
    .refine(([a, b]) => a <= b, {
      message: 'the first must not be above the second',
    }),
])
const requests = z.array(z.string().min(1)).min(1).default(['*'])
const ofRequests = { ...when, ...howOften, requests }
const ofFrames = { ...when, ...howOften, channels: z.array(z.string().min(1)).min(1).default(['*']) }
const kindOf = <Kind extends string>(kind: Kind): z.ZodLiteral<Kind> => z.literal(kind)

const requestFaults = [
  z.strictObject({ kind: kindOf('lose-request'), ...ofRequests }),
  z.strictObject({ kind: kindOf('lose-answer'), ...ofRequests }),
  z.strictObject({ kind: kindOf('delay-request'), ...ofRequests, ms }),
  z.strictObject({ kind: kindOf('delay-answer'), ...ofRequests, ms }),
  z.strictObject({
    kind: kindOf('answer'),
    ...ofRequests,
    status: z.number().int().min(200).max(599),
    body: z.enum(['null', 'html', 'empty', 'half-json']).default('null'),
    acted: z.boolean().default(false),
  }),
  z.strictObject({ kind: kindOf('truncate-answer'), ...ofRequests }),
  z.strictObject({ kind: kindOf('half-batch'), ...ofRequests }),
  z.strictObject({ kind: kindOf('refuse'), ...ofRequests, text: z.string().min(1) }),
  z.strictObject({ kind: kindOf('budget-exhausted'), ...when, ...howOften }),
  z.strictObject({ kind: kindOf('post-only'), ...when, ...howOften }),
  z.strictObject({ kind: kindOf('ghost-orders'), ...when, ...howOften }),
  z.strictObject({ kind: kindOf('missing-orders'), ...when, ...howOften }),
] as const

const frameFaults = [
  z.strictObject({ kind: kindOf('drop'), ...ofFrames }),
  z.strictObject({ kind: kindOf('delay'), ...ofFrames, ms }),
  z.strictObject({ kind: kindOf('duplicate'), ...ofFrames }),
  z.strictObject({
    kind: kindOf('reorder'),
    ...ofFrames,
    window: z.number().int().min(2).max(REORDER_WINDOW_MAX).default(4),
  }),
  z.strictObject({ kind: kindOf('garble'), ...ofFrames }),
] as const

const streamFaults = [
  z.strictObject({ kind: kindOf('silence'), ...when }),
  z.strictObject({ kind: kindOf('disconnect'), at_sec: when.at_sec, mid_frame: z.boolean().default(false) }),
  z.strictObject({ kind: kindOf('refuse-streams'), ...when }),
] as const

const marketFaults = [
  z.strictObject({ kind: kindOf('oracle-gap'), ...when }),
  z.strictObject({
    kind: kindOf('price-jump'),
    at_sec: when.at_sec,
    bps: z
      .number()
      .min(-5_000)
      .max(5_000)
      .refine((bps) => bps !== 0, { message: 'a jump of 0 bps is none' }),
  }),
  z.strictObject({
    kind: kindOf('margin-table'),
    at_sec: when.at_sec,
    coin: z.string().min(1),
    max_leverage: z
      .number()
      .int()
      .min(1)
      .max(IMPLICIT_MARGIN_TABLE_LIMIT - 1),
  }),
  z.strictObject({ kind: kindOf('liquidate'), at_sec: when.at_sec }),
] as const

const fault: z.ZodType<Fault> = z.discriminatedUnion('kind', [
  ...requestFaults,
  ...frameFaults,
  ...streamFaults,
  ...marketFaults,
])
/** In the order of docs/faults.md. */
export const FAULT_KINDS: readonly string[] = [
  ...requestFaults,
  ...frameFaults,
  ...streamFaults,
  ...marketFaults,
].map((member) => [...member.shape.kind.values][0] ?? '')

const script: z.ZodType<FaultScript & { readonly rehearsal?: unknown }> = z.strictObject({
  /** One sentence: what this script shows. */
  about: z.string().default(''),
  /** Of its random draws; the same script fails the same way. */
  seed: z.number().int().min(0).default(1),
  fault: z.array(fault).min(1).max(FAULTS_MAX),
  /** What a test plays it with and what must hold at its end: not read by the exchange. */
  rehearsal: z.unknown().optional(),
})

/**
 * @param value  the parsed TOML
 * @param origin the file, for messages
 * @throws FaultScriptError
 */
export function parseFaultScript(value: unknown, origin: string): FaultScript {
  const result = script.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = issue?.path.map(String) ?? []
  const field = path.length === 0 ? 'the script' : path.join('.')
  throw new FaultScriptError('BAD_FAULT_SCRIPT', `${origin}: ${field} ${wrongness(value, path, issue)}`)
}

function wrongness(value: unknown, path: readonly string[], issue: z.core.$ZodIssue | undefined): string {
  if (path.at(-1) === 'kind') {
    return `= ${JSON.stringify(valueAt(value, path))} is no kind of fault; there are ${FAULT_KINDS.join(', ')}`
  }
  if (issue?.code === 'unrecognized_keys') return `has no key ${issue.keys.join(', ')}; see docs/faults.md`
  return `= ${shown(valueAt(value, path))} does not do: ${issue?.message ?? 'not a script'}; see docs/faults.md`
}

/** A value as short text: TOML and modules know numbers that JSON does not, and a script may be long. */
function shown(value: unknown): string {
  if (typeof value === 'number') return String(value)
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX)}…`
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  )
}
