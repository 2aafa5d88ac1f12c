/**
 * How far each queue model is from the truth: probes of the smallest size join the queues of a simulated market, where they rest
 * in the real book, while the models guess from what everybody sees (books without the probes, trades) when they would fill.
 *
 * in      a stage with a scenario; every `PROBE_PERIOD_MS` a probe on each side, at the best price and one level behind
 * out     per model, the share of probes filled within `HOLD_MS` against the true share, and how often each was wrong
 * The models go on after the true fill, so a slow guess is not taken for none.
 */
import { assert } from '../core/assert.ts'
import type { BookInput } from '../core/input.ts'
import { addResting, initRestingOrders, removeResting, takeMarket } from '../core/queue/resting-orders.ts'
import type { RestingOrders } from '../core/queue/resting-orders.ts'
import { queueModelText } from '../core/queue/queue-models.ts'
import type { QueueModel } from '../core/queue/queue-models.ts'
import { MICRO_USD_PER_USD } from '../core/units.ts'
import type { Side } from '../core/units.ts'
import { bookSnapshot, type BookLevel } from '../exchange/queries/book.ts'
import { advance, onBlock, submit } from '../simulation/world.ts'
import type { Block, World } from '../simulation/world.ts'
import { openStage } from './stage.ts'
import type { StageOptions } from './stage.ts'

export interface QueueStudy {
  readonly probeCount: number
  /** Share of probes that filled whole in the real book. */
  readonly trueShare: number
  readonly models: readonly ModelScore[]
}

export interface ModelScore {
  readonly model: string
  readonly filledShare: number
  /** Filled share less the true one, over the true one. */
  readonly bias: number
  /** Of the bias, from the differences probe by probe. */
  readonly biasStdErr: number
  /** Shares of all probes: filled by the model alone, and in truth alone. */
  readonly falseShare: number
  readonly missedShare: number
}

/** No two probes of a price overlap. */
const PROBE_PERIOD_MS = 5_000
/** Short enough that about half of them fill, where the models have something to disagree about. */
const HOLD_MS = 3_000
const LEVELS_SHOWN = 20
const MS_PER_MINUTE = 60_000
const PROBE_USD = 12

interface Probe {
  readonly id: string
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  readonly endTsMs: number
  /** Null until it rests. */
  oid: number | null
  isOver: boolean
  trueLots: number
  readonly modelLots: number[]
}

interface Study {
  readonly world: World
  readonly account: string
  readonly assetId: number
  sentCount: number
  readonly probes: Probe[]
  open: Probe[]
  readonly models: readonly RestingOrders[]
}

/** @throws SimulationError UNKNOWN_MARKET, UNKNOWN_SCENARIO */
export function studyQueues(
  options: StageOptions & { readonly minutes: number },
  models: readonly QueueModel[],
  onProgress?: (playedMs: number) => void,
): QueueStudy {
  const { world, venue, startTsMs } = openStage(options)
  const { assetId } = venue.market
  const resting = models.map(initRestingOrders)
  const study: Study = {
    world,
    account: venue.account,
    assetId,
    sentCount: 0,
    probes: [],
    open: [],
    models: resting,
  }
  const stop = onBlock(world, (block) => absorbBlock(study, block))
  const endTsMs = startTsMs + options.minutes * MS_PER_MINUTE
  let nextProbeTsMs = startTsMs
  while (world.nowTsMs < endTsMs) {
    if (world.nowTsMs >= nextProbeTsMs && world.nowTsMs + HOLD_MS <= endTsMs) {
      sendProbes(study)
      nextProbeTsMs += PROBE_PERIOD_MS
    }
    advance(world, world.nowTsMs + world.blockMs)
    // The study trades through the world itself; nobody reads what the maker's venue would say.
    venue.takeInputs()
    onProgress?.(world.nowTsMs - startTsMs)
  }
  stop()
  return scoreOf(study, models)
}

function sendProbes(study: Study): void {
  const { world, assetId } = study
  const book = bookSnapshot(world.exchange, assetId, LEVELS_SHOWN)
  for (const side of ['buy', 'sell'] as const) {
    for (const level of (side === 'buy' ? book.bids : book.asks).slice(0, 2)) sendProbe(study, side, level)
  }
}

function sendProbe(study: Study, side: Side, { priceTicks }: BookLevel): void {
  const { world, account, assetId } = study
  study.sentCount += 1
  const probe: Probe = {
    id: `${study.sentCount}`,
    side,
    priceTicks,
    sizeLots: Math.ceil((PROBE_USD * MICRO_USD_PER_USD) / priceTicks),
    endTsMs: world.nowTsMs + HOLD_MS,
    oid: null,
    isOver: false,
    trueLots: 0,
    modelLots: study.models.map(() => 0),
  }
  const order = {
    assetId,
    side,
    priceTicks,
    sizeLots: probe.sizeLots,
    reduceOnly: false,
    tif: 'Alo',
    trigger: null,
    cloid: null,
  } as const
  const action = { kind: 'order', orders: [order], grouping: 'na' } as const
  const sentTsMs = world.nowTsMs
  submit(
    world,
    { kind: 'action', account, signer: account, nonce: null, expiresAfterMs: null, action },
    (answer) => {
      const first = answer.kind === 'orders' ? answer.answers[0] : undefined
      // The market may have moved through the price meanwhile: then there is no probe.
      if (first?.kind !== 'resting') return
      probe.oid = first.oid
      study.probes.push(probe)
      study.open.push(probe)
      for (const model of study.models) addResting(model, { ...probe, joinTsMs: sentTsMs })
    },
  )
}

function absorbBlock(study: Study, block: Block): void {
  for (const event of block.events) {
    if (event.kind === 'fill' && event.account === study.account) {
      const probe = study.open.find((one) => one.oid === event.oid)
      if (probe !== undefined) probe.trueLots += event.sizeLots
    } else if (event.kind === 'trade' && event.assetId === study.assetId) {
      const { tsMs, tid, aggressor, priceTicks, sizeLots } = event
      feed(study, { kind: 'trade', venueTsMs: tsMs, tid, aggressor, priceTicks, sizeLots })
    }
  }
  feed(study, bookWithoutProbes(study, block.tsMs))
  for (const probe of study.open) if (block.tsMs >= probe.endTsMs) endProbe(study, probe)
  study.open = study.open.filter((probe) => !probe.isOver)
}

function feed(study: Study, input: Parameters<typeof takeMarket>[1]): void {
  study.models.forEach((model, index) => {
    for (const fill of takeMarket(model, input)) {
      const probe = study.open.find((one) => one.id === fill.id)
      if (probe !== undefined) probe.modelLots[index] = (probe.modelLots[index] ?? 0) + fill.sizeLots
    }
  })
}

/** The book as it would be shown without us. */
function bookWithoutProbes(study: Study, tsMs: number): BookInput {
  const book = bookSnapshot(study.world.exchange, study.assetId, LEVELS_SHOWN)
  const without = (side: Side, levels: readonly BookLevel[]): number[] =>
    levels.flatMap(({ priceTicks, sizeLots }) => {
      const ours = study.open
        .filter((probe) => probe.side === side && probe.priceTicks === priceTicks)
        .reduce((sum, probe) => sum + probe.sizeLots - probe.trueLots, 0)
      assert(ours <= sizeLots, 'our probes are part of the level')
      return ours === sizeLots ? [] : [priceTicks, sizeLots - ours]
    })
  return { kind: 'book', venueTsMs: tsMs, bids: without('buy', book.bids), asks: without('sell', book.asks) }
}

function endProbe(study: Study, probe: Probe): void {
  const { world, account, assetId } = study
  probe.isOver = true
  for (const model of study.models) removeResting(model, probe.id)
  if (probe.oid === null || probe.trueLots === probe.sizeLots) return
  const action = { kind: 'cancel', cancels: [{ assetId, ref: { oid: probe.oid } }] } as const
  submit(
    world,
    { kind: 'action', account, signer: account, nonce: null, expiresAfterMs: null, action },
    () => undefined,
  )
}

function scoreOf(study: Study, models: readonly QueueModel[]): QueueStudy {
  const probes = study.probes.filter((probe) => probe.isOver)
  const count = probes.length
  const truth = probes.map((probe) => probe.trueLots / probe.sizeLots)
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / count
  const trueShare = mean(truth)
  return {
    probeCount: count,
    trueShare,
    models: models.map((model, index) => {
      const guessed = probes.map((probe) => (probe.modelLots[index] ?? 0) / probe.sizeLots)
      const differences = guessed.map((share, row) => share - (truth[row] ?? 0))
      const off = mean(differences)
      const variance = mean(differences.map((one) => (one - off) ** 2))
      return {
        model: queueModelText(model),
        filledShare: mean(guessed),
        bias: off / trueShare,
        biasStdErr: Math.sqrt(variance / count) / trueShare,
        falseShare: mean(differences.map((one) => Math.max(one, 0))),
        missedShare: mean(differences.map((one) => Math.max(-one, 0))),
      }
    }),
  }
}
