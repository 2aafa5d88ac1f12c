/** The gap between a run and the backtest of its own data: exact sums, and terms that name what was changed on purpose. */
import { beforeAll, describe, expect, test } from 'vitest'
import { fidelityOf, FIDELITY_TERMS } from '../../src/backtest/fidelity.ts'
import type { Fidelity } from '../../src/backtest/fidelity.ts'
import { drawsOf } from '../../src/backtest/latency.ts'
import type { LatencyDraws } from '../../src/backtest/latency.ts'
import { playJournal } from '../../src/backtest/play-journal.ts'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import { createEngine } from '../../src/core/engine.ts'
import type { Engine } from '../../src/core/engine.ts'
import type { AccountInput, FillInput, Input } from '../../src/core/input.ts'
import type { MarketSpec } from '../../src/core/market.ts'
import type { QueueModel } from '../../src/core/queue/queue-models.ts'
import { signOf } from '../../src/core/units.ts'
import { stageOf } from '../support/closed-world.ts'
import { load } from '../support/config.ts'

const SET = ['strategy.name=fixed-spread', 'risk.min_spread_floor_bps=1', 'risk.maker_fee_rate_bps=0']
const SECONDS = 60
const { values } = load({ assignments: SET })
const engineOf = (market: MarketSpec): Engine => createEngine(enginePartsOf(values, market))
const constant = (feedMs: number, orderMs: number) => (): LatencyDraws =>
  drawsOf({ kind: 'constant', feedMs, orderMs }, 1)
const PESSIMISTIC: QueueModel = { name: 'pessimistic' }

/** A run whose orders rested in the real book: every fill was somebody's trade. */
const truth: Input[] = []
/** A run on paper in the same market. */
const paper: Input[] = []

beforeAll(() => {
  const stage = stageOf({ seed: 4, scenario: 'trend', set: SET })
  stage.run(SECONDS, (input) => truth.push(input))
  const session = truth[0]
  const opening = truth.find((input): input is Input & AccountInput => input.kind === 'account')
  if (session?.kind !== 'sessionStarted' || opening === undefined) throw new Error('a run begins so')
  const { market } = session
  playJournal({
    ...{
      market,
      inputs: truth,
      engine: engineOf(market),
      queue: PESSIMISTIC,
      delays: constant(20, 130)(),
      opening,
    },
    onStep: (_, input) => paper.push(input),
  })
})

const isFill = (input: Input): input is Input & FillInput => input.kind === 'fill'

function compare(
  inputs: readonly Input[],
  over: { assumed?: () => LatencyDraws; queue?: QueueModel } = {},
): Fidelity {
  const result = fidelityOf({
    ...{
      inputs: () => inputs,
      engineOf,
      queue: PESSIMISTIC,
      assumed: constant(20, 130),
      measured: constant(20, 130),
    },
    ...over,
  })
  const sum = FIDELITY_TERMS.reduce((total, term) => total + result.terms[term], 0)
  expect(sum).toBe(result.gapMicroUsd)
  expect(result.run.pnlMicroUsd - result.backtest.pnlMicroUsd).toBe(result.gapMicroUsd)
  return result
}

const numbered = (inputs: readonly Input[]): Input[] =>
  inputs.map((input, index): Input => ({ ...input, seq: index + 1 }))

describe('a paper run', () => {
  test('of known terms is found again without any gap', () => {
    const found = compare(paper)
    expect(found.run.fillCount).toBeGreaterThan(5)
    expect(found.backtest).toEqual(found.run)
    expect(found.commonFillCount).toBe(found.run.fillCount)
    for (const term of FIDELITY_TERMS) expect(Math.abs(found.terms[term])).toBe(0)
  })

  test('with dearer fees has exactly them in its gap', () => {
    const dearer = paper.map((input) =>
      isFill(input) ? { ...input, feeMicroUsd: input.feeMicroUsd + 7 } : input,
    )
    const found = compare(dearer)
    expect(found.terms.fees).toBe(-7 * found.run.fillCount)
    expect(found.gapMicroUsd).toBe(found.terms.fees)
  })

  test('without its last fill has that fill’s worth in the queue term: both stood there', () => {
    const last = paper.findLast(isFill)
    const before = compare(paper)
    const found = compare(numbered(paper.filter((input) => input !== last)))
    if (last === undefined) throw new Error('it filled')
    const endTicks = endOf(paper)
    const worth = signOf(last.side) * last.sizeLots * (endTicks - last.priceTicks) - last.feeMicroUsd
    expect(found.terms.queue).toBe(-worth)
    expect(found.gapMicroUsd).toBe(-worth)
    expect(found.run.pnlMicroUsd).toBe(before.run.pnlMicroUsd - worth)
  })

  test('compared with another assumed latency has the whole gap in the latency term', () => {
    const found = compare(paper, { assumed: constant(20, 900) })
    expect(found.terms.latency).not.toBe(0)
    expect(found.terms).toMatchObject({ latency: found.gapMicroUsd, fees: 0, queue: 0, other: 0 })
  })
})

test('a fill behind a lost connection counts as missed data, and the time without data is told', () => {
  const at = paper.findLastIndex(isFill)
  const fill = paper[at]
  if (fill === undefined) throw new Error('it filled')
  const cut = (up: boolean, tsMs: number): Input => ({ kind: 'connection', up, text: 'test', seq: 0, tsMs })
  const inputs = [...paper.slice(0, at), cut(false, fill.tsMs), fill, ...paper.slice(at + 1)]
  const end = inputs.at(-1)?.tsMs ?? 0
  const found = compare(numbered(inputs))
  expect(found.outageMs).toBe(end - fill.tsMs)
  expect(found.run.fillCount).toBe(paper.filter(isFill).length)
  expect(found.backtest.fillCount).toBeGreaterThan(0)
})

test.each(['pessimistic', 'optimistic'] as const)(
  'a run in the real book is told from its backtest with a %s queue, and the terms add up',
  (name) => {
    const found = compare(truth, { queue: { name } })
    expect(found.run.fillCount).toBe(truth.filter(isFill).length)
    expect(found.run.feesMicroUsd).toBe(
      truth.filter(isFill).reduce((sum, { feeMicroUsd }) => sum + feeMicroUsd, 0),
    )
    // The exchange rounds a fee by a rule of its own: less than a micro-dollar a fill.
    expect(Math.abs(found.terms.fees)).toBeLessThanOrEqual(found.run.fillCount)
    expect(found.backtest.fillCount).toBeGreaterThan(0)
  },
)

function endOf(inputs: readonly Input[]): number {
  let ticks = 0
  for (const input of inputs) {
    const [bid = 0, ask = 0] =
      input.kind === 'touch'
        ? [input.bidTicks, input.askTicks]
        : input.kind === 'book'
          ? [input.bids[0], input.asks[0]]
          : []
    if (bid > 0 && ask > 0) ticks = Math.floor((bid + ask) / 2)
  }
  return ticks
}
