/**
 * Makers on one living exchange, each of which dies at a record of its journal: what would have been written from there on is
 * lost, what would have been sent is not sent, and its sockets break. Each life is the same story with fills, moved and cancelled
 * quotes and a reconnect; the next maker starts on whatever the last one left behind.
 *
 * The journals are real ones on disk, the venue is the real adapter over real sockets. What must hold is collected while it runs.
 */
import { exposureOf } from '../../src/core/exposure.ts'
import type { Side } from '../../src/core/units.ts'
import type { JournalRecord } from '../../src/journal/format.ts'
import type { JournalWriter } from '../../src/journal/writer.ts'
import { readJournals } from './crash-story.ts'
import { type Maker, type MakerStage, openMakerStage } from './maker-stage.ts'
import { BOT, STRANGER, until as waitUntil } from './venue-stage.ts'

/** `unsent`: everything is on disk and nothing of its step has left; `sent`: the next record is the one that is not written. */
export type Death = 'unsent' | 'sent'

export interface Life {
  /** The maker dies with exactly so many records on disk, or with the first of this kind, such as `input fill`. */
  readonly diesAt: number | string
  readonly death: Death
}

export interface CrashEverywhere {
  /** Kinds of the last records on disk, such as `input fill` or `command place`, with how many died there. */
  readonly lastKinds: ReadonlyMap<string, number>
  /** Laws that broke, each with the life that broke it. */
  readonly broken: readonly string[]
  /** Lives that ended before their record because the story was over: the record is beyond it. */
  readonly survivedCount: number
  readonly fillCount: number
}

const MAX_POSITION_ETH = 1
const MAX_POSITION_LOTS = MAX_POSITION_ETH * 10_000
const STRIKE_LOTS = 1_500
const STRIKES_MAX = 20
const STRIKE_PAUSE_MS = 60
const MOVES_MAX = 10
/** A maker that keeps its quotes moves them within this. */
const MOVE_WAIT_MS = 2_000
const WATCH_MS = 2
const SETTINGS = [
  `risk.max_position=${MAX_POSITION_ETH}`,
  'quoting.target_liquidity=0.3',
  'execution.timer_ms=50',
  'execution.resync_interval_ms=1000',
  // The stranger's fills come as fast as the story wants them.
  'risk.burst.fills=50',
  'risk.mmp.max_quantity_share=0',
  'risk.mmp.max_delta_share=0',
  'risk.max_lopsided_sec=3600',
]

/** A crash is no failure of the story: whoever waits for the dead maker is told so. */
class Died extends Error {}

export async function crashEverywhere(lives: readonly Life[]): Promise<CrashEverywhere> {
  const stage = await openMakerStage()
  const broken: string[] = []
  const lastKinds = new Map<string, number>()
  let [life, survivedCount] = ['the first', 0]
  const watch = setInterval(() => {
    const worst = worstLots(stage)
    if (worst > MAX_POSITION_LOTS)
      broken.push(`${life}: ${worst} lots of exposure, limit ${MAX_POSITION_LOTS}`)
  }, WATCH_MS)
  try {
    for (const of of lives) {
      life = `at ${of.diesAt}, ${of.death}`
      const fuse = initFuse(of)
      const maker = await stage.makerOf({
        set: SETTINGS,
        wrapJournal: fuse.wrap,
        venue: { requestTimeoutMs: 4_000 },
      })
      try {
        await live(stage, maker, fuse)
        survivedCount += 1
      } catch (error) {
        if (!(error instanceof Died)) throw error
        lastKinds.set(fuse.lastKind, (lastKinds.get(fuse.lastKind) ?? 0) + 1)
      }
      stage.proxy.cutStreams()
      await maker.crash()
    }
    life = 'the last'
    const last = await stage.makerOf({ set: SETTINGS })
    await stage.quoteMarket(299_500, 300_500)
    await last.until(() => last.isQuoting(), 'quotes after all the crashes')
    await strikeUntil(stage, 'sell', () => last.engine.state.ledger.fillCount > 0)
    await stage.agreement(last)
    last.say('stop')
    await last.until(() => stage.truth().orders.length === 0, 'no order left')
    await stage.agreement(last)
    broken.push(...last.failures.map(String))
    await last.crash()
    broken.push(...(await faultsOfRecord(stage, last)))
    return { lastKinds, broken, survivedCount, fillCount: (await venueFills(stage)).length }
  } finally {
    clearInterval(watch)
    await stage.close()
  }
}

/** The story of a life, the same each time; sides change so that the position stays near nothing. */
async function live(stage: MakerStage, maker: Maker, fuse: Fuse): Promise<void> {
  const side = stage.truth().positionLots > 0 ? 'buy' : 'sell'
  const other = side === 'buy' ? 'sell' : 'buy'
  const until = async (condition: () => boolean, what: string): Promise<void> => {
    await maker.until(() => fuse.isDead || condition(), what)
    if (fuse.isDead) throw new Died()
  }
  const filled = (count: number) => (): boolean => maker.engine.state.ledger.fillCount >= count
  // A strike may have met the stranger's own orders: the market stands anew.
  await stage.quoteMarket(299_500, 300_500)
  await until(() => maker.isQuoting(), 'quotes on both sides')
  await strikeUntil(stage, side, () => fuse.isDead || filled(1)())
  await until(filled(1), 'the first fill')
  // Down to just above our bid, which has to move, and back.
  const hasModified = (): boolean => maker.steps.some(({ commands }) => commands.some(isModify))
  await moveUntil(stage, () => fuse.isDead || hasModified())
  await until(hasModified, 'a modify')
  await until(() => maker.isQuoting(), 'quotes that moved')
  await stage.quoteMarket(299_500, 300_500)
  await until(() => maker.isQuoting(), 'quotes that moved')
  stage.proxy.cutStreams()
  await until(() => !maker.engine.state.isConnected, 'the loss of the connection')
  await strikeUntil(stage, other, () => true)
  await stage.quoteMarket(299_500, 300_500)
  await until(() => maker.engine.state.isConnected && maker.isQuoting(), 'quotes after the reconnect')
  maker.say('pause')
  await until(() => stage.truth().orders.length === 0, 'cancels')
  maker.say('resume')
  await until(() => maker.isQuoting(), 'quotes after the pause')
  await until(() => exposureOf(maker.engine.state).uncertainCount === 0, 'no doubt')
}

function isModify(command: { readonly kind: string }): boolean {
  return command.kind === 'modify'
}

/** The stranger takes from what rests of ours, as often as needed: a quote may move away under a strike. */
async function strikeUntil(stage: MakerStage, side: Side, isDone: () => boolean): Promise<void> {
  for (let tries = 0; tries < STRIKES_MAX; tries += 1) {
    const target = stage.truth().orders.find((order) => order.side !== side)
    if (target !== undefined) {
      const { priceTicks } = target
      const strike = { side, priceTicks, sizeLots: STRIKE_LOTS, tif: 'Ioc' } as const
      await stage.order(STRANGER.address, strike).catch(() => undefined)
    }
    await new Promise((resolve) => setTimeout(resolve, STRIKE_PAUSE_MS))
    if (isDone()) return
  }
}

/** The stranger quotes lower and higher in turn: a maker that looks while the old quotes are gone takes its own back instead of moving them. */
async function moveUntil(stage: MakerStage, isDone: () => boolean): Promise<void> {
  for (let moves = 0; moves < MOVES_MAX && !isDone(); moves += 1) {
    await (moves % 2 === 0 ? stage.quoteMarket(298_900, 299_900) : stage.quoteMarket(299_500, 300_500))
    await waitUntil(isDone, 'a modify', () => '', MOVE_WAIT_MS).catch(() => undefined)
  }
}

interface Fuse {
  readonly wrap: (journal: JournalWriter) => JournalWriter
  readonly isDead: boolean
  readonly lastKind: string
}

function initFuse(of: Life): Fuse {
  const fuse = {
    isDead: false,
    lastKind: '',
    wrap: (journal: JournalWriter): JournalWriter => wrapOf(journal),
  }
  let recordMax = typeof of.diesAt === 'number' ? of.diesAt : Number.POSITIVE_INFINITY
  const wrapOf = (journal: JournalWriter): JournalWriter => ({
    append(record) {
      if (journal.recordCount >= recordMax) fuse.isDead = true
      if (fuse.isDead) return
      fuse.lastKind = kindOf(record)
      journal.append(record)
      if (fuse.lastKind === of.diesAt) recordMax = journal.recordCount
    },
    async durable() {
      if (of.death === 'unsent' && journal.recordCount >= recordMax) fuse.isDead = true
      // Nothing of a step whose records are not all there leaves, and neither does anything after it.
      if (fuse.isDead) throw new Died()
      await journal.durable()
    },
    close: () => journal.close(),
    get recordCount() {
      return journal.recordCount
    },
    get byteCount() {
      return journal.byteCount
    },
    get headHash() {
      return journal.headHash
    },
    get durableCount() {
      return journal.durableCount
    },
  })
  return fuse
}

function kindOf(record: JournalRecord): string {
  if (record.kind === 'input') return `input ${record.input.kind}`
  if (record.kind === 'command') return `command ${record.command.kind}`
  return record.kind
}

/** The worst that can happen from here on, by the exchange's own books: all orders of one side fill. */
function worstLots(stage: MakerStage): number {
  const { positionLots, orders } = stage.truth()
  const open = { buy: 0, sell: 0 }
  for (const order of orders) open[order.side] += order.remainingLots
  return Math.max(positionLots + open.buy, open.sell - positionLots)
}

interface VenueFill {
  readonly tid: number
  readonly oid: number
  readonly sz: string
  readonly side: string
  readonly time: number
  readonly cloid?: string
}

async function venueFills(stage: MakerStage): Promise<VenueFill[]> {
  const body = JSON.stringify({ type: 'userFillsByTime', user: BOT.address, startTime: 0 })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${stage.server.url}/info`, { method: 'POST', headers, body })
  return (await answer.json()) as VenueFill[] // The exchange's own format.
}

/** What the journals say, against what the exchange says. */
async function faultsOfRecord(stage: MakerStage, last: Maker): Promise<string[]> {
  const fills = await venueFills(stage)
  const { journalledCloids, journalledFills, areJournalsValid } = readJournals(stage.root)
  const faults = areJournalsValid ? [] : ['a journal is damaged']
  const byId = new Map(fills.map((fill) => [`${fill.tid}:${fill.oid}`, fill]))
  for (const { cloid, oid } of fills) {
    if (!journalledCloids.has(cloid ?? '')) faults.push(`order ${oid} traded and is in no journal`)
  }
  const seenBefore = new Set<string>()
  for (const run of journalledFills) {
    const seen = new Set<string>()
    for (const fill of run) {
      const id = `${fill.tid}:${fill.oid}`
      const truth = byId.get(id)
      if (truth === undefined || Math.round(Number(truth.sz) * 10_000) !== fill.sizeLots)
        faults.push(`fill ${id} never was`)
      if (seen.has(id) || seenBefore.has(id)) faults.push(`fill ${id} is journalled twice`)
      seen.add(id)
    }
    for (const id of seen) seenBefore.add(id)
  }
  const sumLots = fills.reduce(
    (sum, { side, sz }) => sum + (side === 'B' ? 1 : -1) * Math.round(Number(sz) * 10_000),
    0,
  )
  const { positionLots } = stage.truth()
  if (positionLots !== sumLots) faults.push(`the exchange holds ${positionLots}, its fills say ${sumLots}`)
  if (last.engine.state.ledger.positionLots !== positionLots)
    faults.push('the last maker holds another position')
  // The last run was not cut: it knows every fill since its first look at the account.
  const { accountFirst } = last.engine.state
  const since = fills.filter(({ time }) => time > (accountFirst?.venueTsMs ?? 0)).length
  if (journalledFills.at(-1)?.length !== since) faults.push(`the last run misses some of ${since} fills`)
  return faults
}
