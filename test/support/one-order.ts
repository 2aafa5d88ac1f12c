/**
 * One order between us and a venue, small enough to try everything: what the venue may do with it, and every order in which
 * its words may reach us, lost and repeated ones too. The maker's side is the real one (absorb, upkeep, tracker, ledger).
 *
 * A path is a list of steps from a fresh start; a state is reached again by walking its path, so nothing needs to be cloned.
 */
import { absorb } from '../../src/core/absorb.ts'
import type { Command } from '../../src/core/command.ts'
import { exposureOf } from '../../src/core/exposure.ts'
import type { FillInput, Input, RawInput } from '../../src/core/input.ts'
import { makeCloid } from '../../src/core/orders/cloid.ts'
import { isActive, isTerminal } from '../../src/core/orders/order-state.ts'
import { addOrder, move, openLots } from '../../src/core/orders/tracker.ts'
import type { Order } from '../../src/core/orders/tracker.ts'
import { initState } from '../../src/core/state.ts'
import type { EngineState } from '../../src/core/state.ts'
import { upkeep } from '../../src/core/upkeep.ts'
import { btcMarket, settings } from './core-facts.ts'

const SIZE = 30
const PART = 10
const OID = 77
const PRICE = 600_000
/** Of each fill, micro-dollars. */
const FEE = 3
const PLACED_TS_MS = 50_000
/** Rounds of time and questions until a reconciliation must have settled everything. */
const SETTLE_ROUNDS_MAX = 60
const CLOID = makeCloid({ network: 'local', epoch: 5, counter: 3 })

export type Step =
  | { readonly do: 'accept' | 'reject' | 'fillPart' | 'fillRest' | 'loseSend' | 'timeOut' }
  | { readonly do: 'cancel' | 'cancelActs' | 'loseCancel' | 'query' | 'expire' }
  | { readonly do: 'deliver' | 'drop' | 'repeat'; readonly message: string }

/** What the venue truly did. `away`: the request may still arrive; `never`: it cannot any more. */
interface Truth {
  life: 'away' | 'never' | 'resting' | 'rejected' | 'filled' | 'cancelled'
  fills: number[]
  /** Whether a cancel of ours is under way. */
  hasCancel: boolean
  /** The answer to the order was given up on: what the venue says to it is not heard. */
  isDeaf: boolean
  /** Messages on their way, by name, in the order of saying. */
  readonly messages: Map<string, RawInput>
}

export interface World {
  readonly state: EngineState
  readonly order: Order
  readonly truth: Truth
  /** Distinct fills that reached us. */
  readonly heard: Set<string>
}

export interface Variant {
  /** The order stream speaks beside the answers. */
  readonly hasStream: boolean
  /** Questions and the expiry may happen at any moment, not only at the reconciliation. */
  readonly hasQueries: boolean
  /** The order takes at once: its answer announces the fills. */
  readonly isTaker: boolean
}

function tell(state: EngineState, raw: RawInput): void {
  state.seq += 1
  const input: Input = { ...raw, seq: state.seq, tsMs: state.tsMs }
  absorb(state, input, settings)
}

function openWorld(): World {
  const state = initState(1)
  state.tsMs = PLACED_TS_MS
  const session = { market: btcMarket, account: `0x${'77'.repeat(20)}`, epoch: 5, configHash: 'x' }
  tell(state, { kind: 'sessionStarted', ...session })
  tell(state, accountOf(null))
  tell(state, { kind: 'connection', up: true, text: 'test' })
  const order = addOrder(
    state.tracker,
    { cloid: CLOID, side: 'buy', priceTicks: PRICE, sizeLots: SIZE, tif: 'alo', reduceOnly: false },
    { tsMs: state.tsMs, midTicks: null, replaces: null },
  )
  const truth: Truth = { life: 'away', fills: [], hasCancel: false, isDeaf: false, messages: new Map() }
  return { state, order, truth, heard: new Set() }
}

export function filledLots(truth: Truth): number {
  return truth.fills.reduce((sum, lots) => sum + lots, 0)
}

export function restingLots(truth: Truth): number {
  return truth.life === 'resting' ? SIZE - filledLots(truth) : 0
}

function fillOf(tid: number, sizeLots: number): FillInput {
  return {
    kind: 'fill',
    tid,
    oid: OID,
    cloid: CLOID,
    side: 'buy',
    priceTicks: PRICE,
    sizeLots,
    feeMicroUsd: FEE,
    closedPnlMicroUsd: 0,
    startPositionLots: 0,
    crossed: false,
    liquidation: false,
    venueTsMs: PLACED_TS_MS + tid,
  }
}

function accountOf(truth: Truth | null): RawInput {
  const lots = truth === null ? 0 : restingLots(truth)
  const resting = { oid: OID, cloid: CLOID, side: 'buy', priceTicks: PRICE, reduceOnly: false } as const
  return {
    kind: 'account',
    positionLots: truth === null ? 0 : filledLots(truth),
    cashMicroUsd: 0,
    accountValueMicroUsd: 1_000_000_000,
    withdrawableMicroUsd: 1_000_000_000,
    isolatedMarginMicroUsd: null,
    liquidationTicks: null,
    openOrders: lots === 0 ? [] : [{ ...resting, remainingLots: lots }],
    venueTsMs: truth === null ? 0 : PLACED_TS_MS + truth.fills.length,
  }
}

function updateOf(truth: Truth, status: 'open' | 'filled' | 'cancelled' | 'rejected'): RawInput {
  const remainingLots = SIZE - filledLots(truth)
  const about = { oid: OID, cloid: CLOID, side: 'buy', priceTicks: PRICE, sizeLots: SIZE } as const
  return { kind: 'orderUpdate', ...about, remainingLots, status, word: status, venueTsMs: 7 }
}

function statusOf(truth: Truth): RawInput {
  const status =
    truth.life === 'away' || truth.life === 'never'
      ? 'unknown'
      : truth.life === 'resting'
        ? 'open'
        : truth.life
  const oid = status === 'unknown' ? null : OID
  return {
    kind: 'orderStatus',
    cloid: CLOID,
    oid,
    status,
    // The venue keeps what was unfilled when the order ended.
    remainingLots: status === 'open' || status === 'cancelled' ? SIZE - filledLots(truth) : 0,
    venueTsMs: 9,
  }
}

/** Every step that may come next. */
export function stepsOf(world: World, variant: Variant): Step[] {
  const { truth, order } = world
  const steps: Step[] = []
  if (truth.life === 'away') {
    steps.push({ do: 'accept' }, { do: 'reject' })
    if (!truth.isDeaf) steps.push({ do: 'loseSend' }, { do: 'timeOut' })
  }
  if (truth.life === 'resting') {
    if (restingLots(truth) > PART) steps.push({ do: 'fillPart' })
    steps.push({ do: 'fillRest' })
  }
  if (isActive(order.state) && !truth.hasCancel) steps.push({ do: 'cancel' })
  if (truth.hasCancel) steps.push({ do: 'cancelActs' }, { do: 'loseCancel' })
  if (variant.hasQueries) steps.push({ do: 'query' })
  if (variant.hasQueries && truth.life === 'away' && truth.isDeaf) steps.push({ do: 'expire' })
  for (const message of truth.messages.keys()) {
    steps.push({ do: 'deliver', message }, { do: 'drop', message }, { do: 'repeat', message })
  }
  return steps
}

const LOST = { kind: 'sendUncertain', cloids: [CLOID], text: 'no answer' } as const

function take(world: World, step: Step, variant: Variant): void {
  const { state, order, truth } = world
  const { messages } = truth
  const say = (name: string, input: RawInput): unknown => messages.set(name, input)
  const stream = (status: 'open' | 'filled' | 'cancelled' | 'rejected'): void => {
    if (variant.hasStream) say(`stream ${status}`, updateOf(truth, status))
  }
  const fill = (lots: number): void => {
    truth.fills.push(lots)
    say(`fill ${truth.fills.length}`, fillOf(truth.fills.length, lots))
    if (restingLots(truth) > 0) return
    truth.life = 'filled'
    stream('filled')
  }
  switch (step.do) {
    case 'accept':
      truth.life = 'resting'
      if (variant.isTaker) {
        // Immediate or cancel: one part fills, the rest is gone at once.
        fill(PART)
        truth.life = 'cancelled'
        const answer = { cloid: CLOID, oid: OID, totalLots: PART, averagePriceTicks: PRICE }
        if (!truth.isDeaf) say('answer', { kind: 'orderFilledNow', ...answer })
        stream('cancelled')
        return
      }
      if (!truth.isDeaf) say('answer', { kind: 'orderResting', cloid: CLOID, oid: OID })
      stream('open')
      return
    case 'reject':
      truth.life = 'rejected'
      if (!truth.isDeaf) say('answer', { kind: 'orderRefused', cloid: CLOID, refusal: 'price', text: 'no' })
      stream('rejected')
      return
    case 'fillPart':
      fill(PART)
      return
    case 'fillRest':
      fill(restingLots(truth))
      return
    case 'loseSend':
      truth.life = 'never'
      truth.isDeaf = true
      tell(state, { ...LOST, action: 'place' })
      return
    case 'timeOut':
      truth.isDeaf = true
      tell(state, { ...LOST, action: 'place' })
      return
    case 'cancel':
      truth.hasCancel = true
      move(state.tracker, order, 'cancelRequested', state.tsMs)
      return
    case 'cancelActs':
      truth.hasCancel = false
      if (truth.life !== 'resting') {
        say('cancelAnswer', { kind: 'cancelRefused', cloid: CLOID, refusal: 'gone', text: 'gone' })
        return
      }
      truth.life = 'cancelled'
      say('cancelAnswer', { kind: 'cancelDone', cloid: CLOID })
      stream('cancelled')
      return
    case 'loseCancel':
      truth.hasCancel = false
      tell(state, { ...LOST, action: 'cancel' })
      return
    case 'query':
      tell(state, statusOf(truth))
      return
    case 'expire':
      truth.life = 'never'
      state.tsMs += settings.submitExpiryMs + 2_000
      return
    case 'deliver':
    case 'repeat':
    case 'drop': {
      const input = messages.get(step.message)
      if (input === undefined) return
      if (step.do !== 'repeat') messages.delete(step.message)
      if (step.do !== 'drop') hear(world, input)
      else if (step.message === 'answer') tell(state, { ...LOST, action: 'place' })
      else if (step.message === 'cancelAnswer') tell(state, { ...LOST, action: 'cancel' })
    }
  }
}

function hear(world: World, input: RawInput): void {
  if (input.kind === 'fill') world.heard.add(`${input.tid}`)
  tell(world.state, input)
}

export function walk(path: readonly Step[], variant: Variant): World {
  const world = openWorld()
  for (const step of path) take(world, step, variant)
  return world
}

/** Two worlds with the same key behave the same from here on. */
export function keyOf(world: World): string {
  const { order, truth, state, heard } = world
  return [
    order.state,
    order.oid,
    order.filledLots,
    order.expectedLots,
    order.unsettledLots,
    order.queryTsMs === 0,
    state.tsMs,
    truth.life,
    truth.fills.join('+'),
    truth.hasCancel,
    truth.isDeaf,
    [...truth.messages].map(
      ([name, input]) => `${name}:${'remainingLots' in input ? input.remainingLots : ''}`,
    ),
    [...heard].join(),
  ].join('|')
}

/**
 * What is wrong with our picture while messages are on their way; null: nothing that may not be. Invariant I4: each fill counts
 * once, in size, money and fees; I7: filled and open are parts of the size; I10: the worst case is never less than the truth.
 * I6, an ended order stays ended, compares two moments and is in `tryEverything`.
 */
export function faultOf(world: World): string | null {
  const { order, truth, state, heard } = world
  const heardLots = [...heard].reduce((sum, tid) => sum + (truth.fills[Number(tid) - 1] ?? 0), 0)
  if (order.filledLots !== heardLots) return `I4: counted ${order.filledLots} lots of ${heardLots} heard`
  if (state.ledger.positionLots !== heardLots)
    return `I4: position ${state.ledger.positionLots}, heard ${heardLots}`
  const { cashFlowMicroUsd, feesMicroUsd } = state.ledger
  // One tick times one lot is one micro-dollar.
  if (cashFlowMicroUsd !== -heardLots * PRICE) return `I4: cash ${cashFlowMicroUsd} for ${heardLots} lots`
  if (feesMicroUsd !== heard.size * FEE) return `I4: fees ${feesMicroUsd} for ${heard.size} fills`
  if (order.filledLots > SIZE) return 'I7: filled beyond the size'
  const open = openLots(order)
  if (open < 0 || open > SIZE - order.filledLots) return `I7: ${open} lots open, ${order.filledLots} filled`
  if (isTerminal(order.state) && open !== 0) return `I7: ${open} lots open of an order that is ${order.state}`
  const exposure = exposureOf(state)
  const worst = exposure.positionLots + exposure.openBuyLots
  const truly = filledLots(truth) + (truth.life === 'away' ? SIZE : restingLots(truth))
  if (worst < truly) return `I10: worst case ${worst} lots, truly ${truly}`
  return null
}

/** All answers come or are given up on, the connection is reconciled, questions are answered. @returns what is left wrong */
export function faultAfterReconciliation(world: World, variant: Variant): string | null {
  const { state, order, truth } = world
  for (const message of [...truth.messages.keys()]) take(world, { do: 'drop', message }, variant)
  if (truth.life === 'away' && !truth.isDeaf) take(world, { do: 'loseSend' }, variant)
  if (truth.hasCancel) take(world, { do: 'loseCancel' }, variant)
  if (truth.life === 'away') truth.life = 'never'
  sampleAccount(world)
  for (let round = 0; round < SETTLE_ROUNDS_MAX; round += 1) {
    state.tsMs += 1_000
    const wanted: Command[] = []
    upkeep(state, settings, wanted)
    for (const command of wanted) {
      if (command.kind === 'queryOrder') tell(state, statusOf(truth))
      if (command.kind === 'resync') sampleAccount(world)
    }
  }
  const fault = faultOf(world)
  if (fault !== null) return fault
  if (state.counters.adjustments > 0) return 'the position was taken over although every fill was told'
  if (state.ledger.positionLots !== filledLots(truth)) return `position ${state.ledger.positionLots}`
  const isOpen = restingLots(truth) > 0
  if (isOpen !== isActive(order.state)) return `the venue has it ${truth.life}, we ${order.state}`
  if (!isOpen && !isTerminal(order.state)) return `ended at the venue, ${order.state} with us`
  if (openLots(order) !== restingLots(truth)) return `open ${openLots(order)}, truly ${restingLots(truth)}`
  return null
}

/** The adapter tells the fills of a sample before its position. */
function sampleAccount(world: World): void {
  world.truth.fills.forEach((lots, index) => hear(world, fillOf(index + 1, lots)))
  tell(world.state, accountOf(world.truth))
}

export interface Survey {
  readonly stateCount: number
  readonly stepCount: number
  readonly endStates: ReadonlySet<string>
}

/**
 * Tries every path of at most `depth` steps after the order was sent; paths that lead to one state are continued once.
 * @throws Error with the path that breaks a law
 */
export function tryEverything(variant: Variant, depth: number): Survey {
  const seen = new Set<string>([keyOf(openWorld())])
  const endStates = new Set<string>()
  let stepCount = 0
  let layer: Step[][] = [[]]
  for (let level = 0; level <= depth; level += 1) {
    const next: Step[][] = []
    for (const path of layer) {
      const world = walk(path, variant)
      const wasTerminal = isTerminal(world.order.state)
      const steps = level < depth ? stepsOf(world, variant) : []
      const settled = faultAfterReconciliation(world, variant)
      if (settled !== null) throw new Error(`${settled} after ${JSON.stringify(path)} and a reconciliation`)
      endStates.add(world.order.state)
      for (const step of steps) {
        const longer = [...path, step]
        const reached = walk(longer, variant)
        stepCount += 1
        const fault = faultOf(reached)
        if (fault !== null) throw new Error(`${fault} after ${JSON.stringify(longer)}`)
        if (wasTerminal && !isTerminal(reached.order.state)) {
          throw new Error(`I6: an ended order came back after ${JSON.stringify(longer)}`)
        }
        const key = keyOf(reached)
        if (seen.has(key)) continue
        seen.add(key)
        next.push(longer)
      }
    }
    layer = next
  }
  return { stateCount: seen.size, stepCount, endStates }
}
