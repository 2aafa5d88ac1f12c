/**
 * The whole maker (engine, loop, journal, outbox, adapter) against the embedded exchange over real sockets, on a market where
 * nothing happens but what the test does: a stranger rests around 3000 on `hyna:ETH`, and one quote of ours a side.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import { type Session, startSession } from '../../src/compose/session.ts'
import type { Approved } from '../../src/core/command.ts'
import { createEngine, type Engine } from '../../src/core/engine.ts'
import { exposureOf } from '../../src/core/exposure.ts'
import type { Input, OperatorAction } from '../../src/core/input.ts'
import { isActive } from '../../src/core/orders/order-state.ts'
import type { Side } from '../../src/core/units.ts'
import { accountState } from '../../src/exchange/queries/account.ts'
import { openOrders } from '../../src/exchange/queries/orders.ts'
import { FORMAT_VERSION } from '../../src/journal/format.ts'
import { nextEpoch } from '../../src/journal/run-dir.ts'
import { type JournalWriter, openJournal } from '../../src/journal/writer.ts'
import { startClock } from '../../src/runtime/clock.ts'
import { type LatchKeeper, openLatch } from '../../src/runtime/latch-keeper.ts'
import type { HyperliquidOptions } from '../../src/venues/hyperliquid/options.ts'
import { load } from './config.ts'
import { BOT, openStage, type Player, type Stage, STRANGER, until } from './venue-stage.ts'

export const ASSET_ID = 110_001
const DEX_INDEX = 1
/** What the stranger rests on each side, 10 ETH: far more than we do. */
const STRANGER_LOTS = 100_000

/** One quote a side, small and quick, on a market that only the test moves. */
const SETTINGS = [
  'strategy.name=fixed-spread',
  'quoting.ladder.levels=1',
  'quoting.target_liquidity=0.5',
  'risk.max_position=2',
  'venue.submit_expiry_ms=1000',
  'execution.timer_ms=20',
  'execution.requote_interval_ms=20',
  'execution.min_order_age_ms=0',
]

export interface Maker {
  readonly engine: Engine
  readonly session: Session
  readonly player: Player
  readonly failures: unknown[]
  /** Where its kill switch lies. */
  readonly latchPath: string
  /** Inputs and the commands they led to, in order. */
  readonly steps: { readonly input: Input; readonly commands: readonly Approved[] }[]
  say(action: OperatorAction, reason?: string): void
  /** Waits for a condition that is looked at after every step. */
  /** @param waitMs for what takes longer than everything else by design */
  until(condition: () => boolean, what: string, waitMs?: number): Promise<void>
  isQuoting(): boolean
  /** Ends the way a killed process does: nothing is cancelled, nothing is said. */
  crash(): Promise<void>
}

export interface MakerStage extends Stage {
  /** Where the makers keep their journals, one folder `run-<epoch>` each. */
  readonly root: string
  makerOf(of?: {
    readonly set?: readonly string[]
    readonly venue?: Partial<HyperliquidOptions>
    /** `never` unless the disk is what is looked at. */
    readonly sync?: 'never' | 'group'
    /** Stands between the maker and its journal. */
    readonly wrapJournal?: (journal: JournalWriter) => JournalWriter
    /** In place of the kill switch's own file. */
    readonly latch?: Pick<LatchKeeper, 'keep'>
  }): Promise<Maker>
  /** The stranger's market: a bid and an ask of 10 ETH each, in place of the last. */
  quoteMarket(bidTicks: number, askTicks: number): Promise<void>
  /** The stranger takes at once what rests up to this price. */
  strike(side: 'buy' | 'sell', sizeLots: number): Promise<void>
  truth(): {
    readonly positionLots: number
    readonly cashMicroUsd: number
    readonly orders: readonly {
      readonly oid: number
      readonly cloid: string | null
      readonly side: Side
      readonly priceTicks: number
      readonly remainingLots: number
    }[]
  }
  /** Waits until our books and the exchange's are the same, to the order and the micro-dollar. */
  agreement(maker: Maker): Promise<void>
}

export async function openMakerStage(shiftMs = 0): Promise<MakerStage> {
  const stage = await openStage(shiftMs)
  const root = mkdtempSync(join(tmpdir(), 'maker-'))
  const makers: Maker[] = []
  let strangerCount = 0
  let resting: string[] = []

  const truth: MakerStage['truth'] = () => {
    const { exchange } = stage.world
    const state = accountState(exchange, BOT.address, DEX_INDEX)
    const held = state.positions.find((position) => position.assetId === ASSET_ID)
    const orders = openOrders(exchange, BOT.address, DEX_INDEX).filter((order) => order.assetId === ASSET_ID)
    return { positionLots: held?.sizeLots ?? 0, cashMicroUsd: state.whole.rawUsdMicroUsd, orders }
  }
  const quoteMarket: MakerStage['quoteMarket'] = async (bidTicks, askTicks) => {
    const old = resting
    const cloids = [1, 2].map(() => `0x${(0xee_0000 + (strangerCount += 1)).toString(16).padStart(32, '0')}`)
    if (old.length > 0) {
      const cancels = old.map((cloid) => ({ assetId: ASSET_ID, ref: { cloid } }))
      // One that is gone already, taken or ended by a halt, need not be cancelled.
      await stage.act(STRANGER.address, { kind: 'cancel', cancels }).catch(() => undefined)
    }
    const [bidCloid = null, askCloid = null] = cloids
    const bid = { side: 'buy', priceTicks: bidTicks, sizeLots: STRANGER_LOTS, cloid: bidCloid } as const
    const ask = { side: 'sell', priceTicks: askTicks, sizeLots: STRANGER_LOTS, cloid: askCloid } as const
    await stage.order(STRANGER.address, bid)
    await stage.order(STRANGER.address, ask)
    resting = cloids
  }
  await quoteMarket(299_500, 300_500)

  return {
    ...stage,
    root,
    quoteMarket,
    truth,
    async strike(side, sizeLots) {
      const priceTicks = side === 'sell' ? 299_600 : 300_400
      await stage.order(STRANGER.address, { side, priceTicks, sizeLots, tif: 'Ioc' })
    },
    async makerOf(of = {}) {
      const maker = await startMaker(stage, root, of)
      makers.push(maker)
      return maker
    },
    async agreement(maker) {
      const { state } = maker.engine
      const first = state.accountFirst
      const differences = (): string[] => {
        const venue = truth()
        const exposure = exposureOf(state)
        const { ledger } = state
        const live = [...state.tracker.live.values()].filter((order) => isActive(order.state))
        const ours = live.map(({ oid }) => oid).sort()
        const theirs = venue.orders
          .filter(({ oid }) => !state.foreignOrders.some((order) => order.oid === oid))
          .map(({ oid }) => oid)
          .sort()
        const cash = ledger.cashFlowMicroUsd - ledger.feesMicroUsd + ledger.fundingMicroUsd
        return [
          ledger.positionLots === venue.positionLots ? '' : `position ${ledger.positionLots}`,
          cash === venue.cashMicroUsd - (first?.cashMicroUsd ?? 0) ? '' : `cash ${cash}`,
          ours.join() === theirs.join() ? '' : `orders ${ours.join()} of ${theirs.join()}`,
          exposure.uncertainCount === 0 ? '' : `${exposure.uncertainCount} uncertain`,
        ].filter((text) => text !== '')
      }
      await until(
        () => differences().length === 0,
        'our books to agree with the exchange',
        () => JSON.stringify([differences(), truth()]),
      )
    },
    async close() {
      for (const maker of makers) await maker.crash()
      await stage.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

async function startMaker(
  stage: Stage,
  root: string,
  of: NonNullable<Parameters<MakerStage['makerOf']>[0]>,
): Promise<Maker> {
  const config = load({ assignments: [...SETTINGS, ...(of.set ?? [])] })
  const { values } = config
  const player = await stage.open({
    submitExpiryMs: values.venue.submitExpiryMs,
    requestTimeoutMs: 250,
    ...of.venue,
  })
  const { venue } = player
  const wall = startClock()
  const clock = { nowMs: () => wall.nowMs() + stage.shiftMs, speed: wall.speed }
  const epoch = nextEpoch(root, clock.nowMs())
  const failures: unknown[] = []
  const onFailure = (error: unknown): unknown => failures.push(error)
  const opened = await openJournal({
    dir: join(root, `run-${epoch}`),
    sync: of.sync ?? 'never',
    onFailure,
    header: {
      formatVersion: FORMAT_VERSION,
      build: 'test',
      network: 'local',
      dex: venue.market.dex,
      coin: venue.market.coin,
      account: venue.account,
      configHash: config.hash,
      config: values,
      seed: 1,
      epoch,
      createdTsMs: epoch,
    },
  })
  const journal = of.wrapJournal?.(opened) ?? opened
  const engine = createEngine(enginePartsOf(values, venue.market))
  const latchPath = join(root, `kill-${epoch}.json`)
  const ownLatch = openLatch(latchPath)
  const steps: Maker['steps'] = []
  const { timerMs, checkpointEvery } = { ...values.execution, ...values.journal }
  const session = startSession({
    engine,
    venue,
    journal,
    latch: of.latch ?? ownLatch,
    clock,
    configHash: config.hash,
    epoch,
    timerMs,
    checkpointEvery,
    onFailure,
    onStep: (input, commands) => steps.push({ input, commands }),
  })
  await venue.connect((input) => session.loop.push(input))
  return handleOf({ engine, session, player, failures, steps, latchPath, journal, ownLatch })
}

function handleOf(
  parts: Pick<Maker, 'engine' | 'session' | 'player' | 'failures' | 'steps' | 'latchPath'> & {
    readonly journal: JournalWriter
    readonly ownLatch: LatchKeeper
  },
): Maker {
  const { journal, ownLatch, ...of } = parts
  const { state } = of.engine
  let hasCrashed = false
  return {
    ...of,
    say: (action, reason = 'a test') => of.session.loop.push({ kind: 'operator', action, reason }),
    until: (condition, what, waitMs) =>
      until(
        () => condition() || of.failures.length > 0,
        what,
        () => JSON.stringify([...state.tracker.live.values(), state.verdict, state.ladder.bidBecause]),
        waitMs,
      ),
    isQuoting() {
      const active = [...state.tracker.live.values()].filter((order) => isActive(order.state))
      return new Set(active.map((order) => order.side)).size === 2
    },
    async crash() {
      if (hasCrashed) return
      hasCrashed = true
      await of.player.venue.close()
      await of.session.close()
      await ownLatch.close()
      await journal.close()
    },
  }
}
