/**
 * Stoikov's micro-price learnt while quoting: transitions between (imbalance, spread) states are counted as the touch changes,
 * and what the mid is expected to do from each state is solved again every few seconds.
 *
 * in      touches in time order
 * out     expected move of the mid from the present touch, fraction of the price; how far it is known, 0…1
 * state   weights of moves and of transitions between 5 × 4 states, the last solution; plain numbers
 * cost    O(1) a touch; once in `SOLVE_MS` a system of eight unknowns
 * source  Stoikov (2018); docs/math/microprice.md
 *
 * Every observation counts with its mirror image (imbalance and move turned round), so G of a state is minus G of its mirror, and
 * only the bid-heavy half is unknown: (I − P)G = r, P the transitions to a state less those to its mirror, r the expected move of
 * one step. That is the limit of `solveMicroprice`, which a test holds this against. A change that leaves state and mid alone says
 * nothing and is not counted. Old transitions fade, and each row has a few steps of no opinion, so that it can always be solved.
 */
import { assert } from '../src/core/assert.ts'
import { solveLinear } from '../src/core/math/linear.ts'
import type { Grid } from '../src/core/units.ts'
import { priceStepTicks } from '../src/core/units.ts'
import type { Touch } from './microprice.ts'

export const IMBALANCE_BUCKETS = 5
/** One price step, two or three, four to seven, more. */
export const SPREAD_CLASSES = 4
const STATES = IMBALANCE_BUCKETS * SPREAD_CLASSES
/** Buckets above the middle one: those that are solved for. */
const HEAVY_BUCKETS = (IMBALANCE_BUCKETS - 1) / 2
const MIDDLE_BUCKET = HEAVY_BUCKETS

export interface MicropriceLearningConfig {
  /** Half life of the counted transitions, s > 0. */
  readonly halfLifeSec: number
  /** Steps of "no opinion" in each row; with as many counted ones a state is half believed. */
  readonly priorSteps: number
}

export interface MicropriceLearningState {
  readonly config: MicropriceLearningConfig
  readonly grid: Grid
  /** Weight of one step now; grows instead of all counts fading. */
  weight: number
  /** Transitions, row by row; those with a move of the mid among them. */
  readonly transitions: number[]
  /** Σ of moves out of each state, fraction of the price, and its steps. */
  readonly moves: number[]
  readonly steps: number[]
  /** G of each state, fraction of the price. */
  readonly expected: number[]
  /** −1: no touch before, or none that the next one follows. */
  stateIndex: number
  midTicks: number
  tsMs: number
  solvedTsMs: number
}

const SOLVE_MS = 5_000
/** Beyond it the weights are scaled down to one. */
const WEIGHT_MAX = 1e6
/** After so many half lives nothing of the past is left anyway, and the weight stays a number. */
const HALF_LIVES_MAX = 60
/** A single move counts for no more than this many spreads: a jump is no habit. */
const MOVE_SPREADS_MAX = 3

export function initMicropriceLearning(
  config: MicropriceLearningConfig,
  grid: Grid,
): MicropriceLearningState {
  assert(config.halfLifeSec > 0, 'microprice: the half life is positive')
  assert(config.priorSteps > 0, 'microprice: the prior is some steps')
  return {
    config,
    grid,
    weight: 1,
    transitions: new Array<number>(STATES * STATES).fill(0),
    moves: new Array<number>(STATES).fill(0),
    steps: new Array<number>(STATES).fill(0),
    expected: new Array<number>(STATES).fill(0),
    stateIndex: -1,
    midTicks: 0,
    tsMs: 0,
    solvedTsMs: 0,
  }
}

/** The next touch does not follow the last one: a side was empty, or nobody told us for a while. */
export function breakMicropriceChain(state: MicropriceLearningState): void {
  state.stateIndex = -1
}

export function learnMicroprice(state: MicropriceLearningState, tsMs: number, touch: Touch): void {
  const mid = (touch.bidTicks + touch.askTicks) / 2
  const to = spreadClass(touch, state.grid) * IMBALANCE_BUCKETS + bucketOf(bidShare(touch))
  const from = state.stateIndex
  if (from >= 0 && (from !== to || mid !== state.midTicks)) {
    fade(state, tsMs)
    const limit = (MOVE_SPREADS_MAX * (touch.askTicks - touch.bidTicks)) / mid
    const move = Math.min(Math.max(mid / state.midTicks - 1, -limit), limit)
    count(state, from, to, move)
    count(state, mirrorOf(from), mirrorOf(to), -move)
  }
  state.stateIndex = to
  state.midTicks = mid
  if (tsMs - state.solvedTsMs >= SOLVE_MS) {
    state.solvedTsMs = tsMs
    solve(state)
  }
}

/** What happened since the last step weighs more than what was before. */
function fade(state: MicropriceLearningState, tsMs: number): void {
  const elapsedSec = state.tsMs === 0 ? 0 : Math.max(0, tsMs - state.tsMs) / 1_000
  state.tsMs = Math.max(tsMs, state.tsMs)
  state.weight *= 2 ** Math.min(elapsedSec / state.config.halfLifeSec, HALF_LIVES_MAX)
  if (state.weight < WEIGHT_MAX) return
  for (const sums of [state.transitions, state.moves, state.steps]) {
    for (let index = 0; index < sums.length; index += 1) sums[index] = (sums[index] ?? 0) / state.weight
  }
  state.weight = 1
}

function count(state: MicropriceLearningState, from: number, to: number, move: number): void {
  const { weight } = state
  const cell = from * STATES + to
  state.transitions[cell] = (state.transitions[cell] ?? 0) + weight
  state.moves[from] = (state.moves[from] ?? 0) + weight * move
  state.steps[from] = (state.steps[from] ?? 0) + weight
}

/** Writes G of every state. */
function solve(state: MicropriceLearningState): void {
  const heavy: number[] = []
  for (let spread = 0; spread < SPREAD_CLASSES; spread += 1) {
    for (let bucket = MIDDLE_BUCKET + 1; bucket < IMBALANCE_BUCKETS; bucket += 1) {
      heavy.push(spread * IMBALANCE_BUCKETS + bucket)
    }
  }
  const prior = state.config.priorSteps * state.weight
  const rows = heavy.map((from) => {
    const total = (state.steps[from] ?? 0) + prior
    return heavy.map((to) => {
      const toward = state.transitions[from * STATES + to] ?? 0
      const away = state.transitions[from * STATES + mirrorOf(to)] ?? 0
      return (from === to ? 1 : 0) - (toward - away) / total
    })
  })
  const rhs = heavy.map((from) => (state.moves[from] ?? 0) / ((state.steps[from] ?? 0) + prior))
  const solution = solveLinear(rows, rhs)
  // The prior makes every row smaller than its diagonal, so there always is a solution.
  assert(solution !== null, 'the micro-price of a faded chain can be solved')
  heavy.forEach((index, unknown) => {
    state.expected[index] = solution[unknown] ?? 0
    state.expected[mirrorOf(index)] = -(solution[unknown] ?? 0)
  })
}

/**
 * Expected move of the mid from this touch, fraction of the price: between the centres of two buckets on the line through both, so
 * that a lot more or less never makes the price leap.
 */
export function expectedMove(state: MicropriceLearningState, touch: Touch): number {
  const place = Math.min(Math.max(bidShare(touch) * IMBALANCE_BUCKETS - 0.5, 0), IMBALANCE_BUCKETS - 1)
  const left = Math.min(Math.floor(place), IMBALANCE_BUCKETS - 2)
  const row = spreadClass(touch, state.grid) * IMBALANCE_BUCKETS
  const atLeft = state.expected[row + left] ?? 0
  return atLeft + (place - left) * ((state.expected[row + left + 1] ?? 0) - atLeft)
}

/** How far the state of this touch is known, 0…1: counted steps over those and the prior. */
export function micropriceConfidence(state: MicropriceLearningState, touch: Touch): number {
  const row = spreadClass(touch, state.grid) * IMBALANCE_BUCKETS
  const steps = (state.steps[row + bucketOf(bidShare(touch))] ?? 0) / state.weight
  return steps / (steps + state.config.priorSteps)
}

function bidShare(touch: Touch): number {
  const total = touch.bidLots + touch.askLots
  return total <= 0 ? 0.5 : touch.bidLots / total
}

function bucketOf(share: number): number {
  return Math.min(Math.floor(share * IMBALANCE_BUCKETS), IMBALANCE_BUCKETS - 1)
}

function spreadClass(touch: Touch, grid: Grid): number {
  const steps = Math.round((touch.askTicks - touch.bidTicks) / priceStepTicks(touch.bidTicks, grid))
  return steps < 2 ? 0 : steps < 4 ? 1 : steps < 8 ? 2 : SPREAD_CLASSES - 1
}

/** The state with bid and ask exchanged. */
function mirrorOf(index: number): number {
  const bucket = index % IMBALANCE_BUCKETS
  return index - bucket + (IMBALANCE_BUCKETS - 1 - bucket)
}
