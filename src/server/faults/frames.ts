/**
 * Faults of WebSocket frames on their way to one client. A frame passes every fault of the script in its order.
 *
 * state  per client: frames held back by `reorder`, and when the last delayed frame arrives (a delay keeps the order)
 */
import { assertNever } from '../../core/assert.ts'
import type { FaultPlan } from './plan.ts'
import type { Fault, FrameFault } from './script.ts'

/** Takes frames instead of the socket. */
export type FrameGate = (text: string) => void

const FRAME_KINDS: ReadonlySet<string> = new Set<FrameFault['kind']>([
  'drop',
  'delay',
  'duplicate',
  'reorder',
  'garble',
])
/** Frames held back are let go after this long even when no more come, ms of exchange time. */
const HELD_MS_MAX = 2_000

function isFrameFault(fault: Fault): fault is FrameFault {
  return FRAME_KINDS.has(fault.kind)
}

/** @param deliver writes to the socket */
export function gateOf(plan: FaultPlan, nowTsMs: () => number, deliver: FrameGate): FrameGate {
  const silences = plan.script.fault.filter((fault) => fault.kind === 'silence')
  const faults = plan.script.fault.filter(isFrameFault)
  const end = (text: string): void => {
    if (!silences.some((silence) => plan.strikes(silence))) deliver(text)
  }
  // From the last fault to the first: each hands on to the one after it.
  return faults.reduceRight<FrameGate>((next, fault) => passing(plan, fault, nowTsMs, next), end)
}

function passing(plan: FaultPlan, fault: FrameFault, nowTsMs: () => number, next: FrameGate): FrameGate {
  const strike = strikeOf(plan, fault, nowTsMs, next)
  return (text) => {
    const isMeant = fault.channels.includes('*') || fault.channels.includes(channelOf(text))
    if (isMeant && plan.strikes(fault)) strike(text)
    else next(text)
  }
}

function strikeOf(plan: FaultPlan, fault: FrameFault, nowTsMs: () => number, next: FrameGate): FrameGate {
  switch (fault.kind) {
    case 'drop':
      return () => undefined
    case 'duplicate':
      return (text) => {
        next(text)
        next(text)
      }
    case 'garble':
      return (text) => next(text.slice(0, Math.ceil(text.length / 2)))
    case 'delay': {
      let dueTsMs = 0
      return (text) => {
        dueTsMs = Math.max(dueTsMs, nowTsMs() + plan.delayMs(fault.ms))
        plan.after(dueTsMs - nowTsMs(), () => next(text))
      }
    }
    case 'reorder':
      return shuffler(plan, fault.window, next)
    default:
      return assertNever(fault)
  }
}

function shuffler(plan: FaultPlan, window: number, next: FrameGate): FrameGate {
  let held: string[] = []
  const release = (): void => {
    const frames = held
    held = []
    while (frames.length > 0) next(frames.splice(plan.pick(frames.length), 1)[0] ?? '')
  }
  return (text) => {
    held.push(text)
    if (held.length >= window) release()
    else if (held.length === 1) plan.after(HELD_MS_MAX, release)
  }
}

/** Frames of this server begin with their channel. */
function channelOf(text: string): string {
  return /^\{"channel":"([^"]*)"/.exec(text)?.[1] ?? ''
}
