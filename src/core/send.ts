/**
 * Step 6: each wanted command goes through the gate one by one, on the exposure that those before it leave. What passes is
 * registered before it is sent; a refused move of a live order becomes its cancel, so that a quote we no longer want does
 * not stay because its successor is not allowed.
 */
import { assertNever } from './assert.ts'
import type { Approved, Command, NewOrder } from './command.ts'
import { anchorTicks } from './alone.ts'
import { exposureOf, midTicksOf } from './exposure.ts'
import { noteCancel } from './orders/stuck-cancel.ts'
import { addOrder, findOrder, isKnown, move } from './orders/tracker.ts'
import { mayOrder, noteRequest } from './risk/budget.ts'
import { approve } from './risk/gate.ts'
import type { GateFacts } from './risk/gate.ts'
import type { EngineSettings } from './settings.ts'
import type { EngineState } from './state.ts'

/** Share of the order messages a second that are left when too many went without a fill. */
const UNFILLED_SHARE = 0.1

const NO_COMMANDS: readonly Approved[] = []

export function sendThroughGate(
  state: EngineState,
  settings: EngineSettings,
  wanted: readonly Command[],
): readonly Approved[] {
  const { market } = state
  if (wanted.length === 0 || market === null) return NO_COMMANDS
  const approved: Approved[] = []
  // Cancels go first: they free exposure on the venue before anything uses it.
  const isKnownCloid = knownIn(state)
  for (const command of wanted) {
    if (command.kind === 'cancel') sendOne(state, settings, command, isKnownCloid, approved)
  }
  for (const command of wanted) {
    if (command.kind !== 'cancel') sendOne(state, settings, command, isKnownCloid, approved)
  }
  return approved
}

function sendOne(
  state: EngineState,
  settings: EngineSettings,
  command: Command,
  isKnownCloid: GateFacts['isKnownCloid'],
  approved: Approved[],
): void {
  const facts = factsOf(state, settings, isKnownCloid)
  if (facts === null) return
  const result = approve(command, facts, settings)
  if (result.verdict === 'approved') {
    approved.push(register(state, result.command))
    return
  }
  state.counters.gateRefusals += 1
  for (const reason of result.reasons) state.gateReasons[reason] += 1
  if (command.kind !== 'modify') return
  const fallback = approve(
    { kind: 'cancel', cloid: command.targetCloid, oid: command.targetOid },
    facts,
    settings,
  )
  if (fallback.verdict === 'approved') approved.push(register(state, fallback.command))
}

function knownIn({ tracker }: EngineState): GateFacts['isKnownCloid'] {
  return (cloid) => isKnown(tracker, cloid)
}

/** What the gate judges by at this moment; `explain` asks it again. @param isKnownCloid made once for all commands of a step */
export function factsOf(
  state: EngineState,
  settings: EngineSettings,
  isKnownCloid: GateFacts['isKnownCloid'] = knownIn(state),
): GateFacts | null {
  if (state.market === null) return null
  const exposure = exposureOf(state)
  return {
    market: state.market,
    isReady: state.isConnected && mayTrade(state) && state.accountFirst !== null,
    isKilled: state.killedBecause !== null,
    midTicks: anchorTicks(state),
    markTicks: state.markTicks,
    oracleTicks: state.oracleTicks,
    positionLots: exposure.positionLots,
    openBuyLots: exposure.openBuyLots,
    openSellLots: exposure.openSellLots,
    ownBidTicks: exposure.ownBidTicks,
    ownAskTicks: exposure.ownAskTicks,
    isKnownCloid,
    orderAllowance: allowance(state, settings),
  }
}

/** After the kill switch a pause does not stand in the way of closing; the gate lets nothing else through then. */
function mayTrade(state: EngineState): boolean {
  return state.mode === 'running' || (state.killedBecause !== null && state.mode === 'paused')
}

function allowance(state: EngineState, settings: EngineSettings): number {
  const second = Math.floor(state.tsMs / 1_000)
  if (second !== state.allowanceSecond) {
    state.allowanceSecond = second
    state.messagesInSecond = 0
  }
  // The last of the budget belongs to the cancels.
  return mayOrder(state.budget) ? ordersPerSec(state, settings) - state.messagesInSecond : 0
}

/** Many messages and no fill is noise that the venue charges for: a tenth must do until the next fill. */
function ordersPerSec(state: EngineState, settings: EngineSettings): number {
  const { maxOrdersPerSec, maxOrdersPerFill } = settings
  if (state.messagesSinceFill < maxOrdersPerFill) return maxOrdersPerSec
  return Math.max(1, Math.floor(maxOrdersPerSec * UNFILLED_SHARE))
}

/** Writes the command into the order store before anybody can answer it. */
function register(state: EngineState, command: Approved): Approved {
  switch (command.kind) {
    case 'place':
      registerOrder(state, command.order, null)
      return command
    case 'modify': {
      registerOrder(state, command.order, command.targetCloid)
      const target = findOrder(state.tracker, { cloid: command.targetCloid, oid: command.targetOid })
      if (target !== null) {
        target.replacedBy = command.order.cloid
        move(state.tracker, target, 'cancelRequested', state.tsMs)
      }
      return command
    }
    case 'cancel': {
      state.counters.cancels += 1
      noteRequest(state.budget)
      const target = findOrder(state.tracker, command)
      if (target === null) return command
      move(state.tracker, target, 'cancelRequested', state.tsMs)
      const asSent = noteCancel(target, command, state.tsMs)
      return asSent === command ? command : { ...command, ...asSent }
    }
    case 'queryOrder':
    case 'resync':
    case 'addMargin':
    case 'releaseMargin':
    case 'moveCollateral':
      return command
    default:
      return assertNever(command)
  }
}

function registerOrder(state: EngineState, order: NewOrder, replaces: string | null): void {
  addOrder(state.tracker, order, { tsMs: state.tsMs, midTicks: midTicksOf(state), replaces })
  state.counters.quotes += 1
  state.messagesInSecond += 1
  state.messagesSinceFill += 1
  noteRequest(state.budget)
}
