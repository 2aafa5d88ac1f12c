/**
 * The venue with its limits on requests: weight by address of origin and requests by account, as the embedded exchange counts
 * them for everybody who comes over the wire. What goes beyond them is refused unseen by the exchange, as it would be there.
 *
 * in      the maker's commands, counted in the batches in which the adapter sends them; questions and comparisons weigh, too
 * out     refusals of class `rate`; the venue's count as a `budget` input at the start and with every comparison
 * state   the limits' own, and the counts of the result
 */
import type { Approved } from '../core/command.ts'
import type { RawInput } from '../core/input.ts'
import { tradedVolumeMicroUsd } from '../exchange/queries/money.ts'
import {
  chargeRequest,
  createRateLimits,
  requestLimit,
  requestsUsed,
  takeWeight,
  WEIGHT_PER_MINUTE_MAX,
  weightUsed,
} from '../exchange/rate-limits.ts'
import { batchWeight, infoWeight } from '../exchange/request-weights.ts'
import type { World } from '../simulation/world.ts'
import type { LocalVenue } from '../venues/local/local-venue.ts'

/** What a run used of the venue's limits. */
export interface LimitFigures {
  /** Requests by account: used, and allowed at the end. */
  readonly usedCount: number
  readonly capCount: number
  /** Orders, modifies and cancels that were refused for going beyond a limit. */
  readonly refusedCount: number
  /** The most weight in the bucket of a minute, and what it holds. */
  readonly weightPeak: number
  readonly weightMax: number
}

/** Of several runs with an account and an address each. @param runs at least one */
export function sumLimits(runs: readonly LimitFigures[]): LimitFigures {
  const sum = (field: keyof LimitFigures): number => runs.reduce((total, run) => total + run[field], 0)
  return {
    usedCount: sum('usedCount'),
    capCount: sum('capCount'),
    refusedCount: sum('refusedCount'),
    weightPeak: Math.max(...runs.map((run) => run.weightPeak)),
    weightMax: WEIGHT_PER_MINUTE_MAX,
  }
}

/** One line for people. */
export function limitText(of: LimitFigures): string {
  const { usedCount, capCount, refusedCount, weightPeak, weightMax } = of
  return `${usedCount} of ${capCount} requests by account, at most ${weightPeak} of ${weightMax} weight a minute by address, ${refusedCount} refused`
}

export interface LimitedVenue extends LocalVenue {
  figures(): LimitFigures
}

/** One maker, one address. */
const ORIGIN = 'maker'
/** The adapter turns new orders away unsent below this, so that cancels always have room. */
const CANCEL_RESERVE_WEIGHT = 100
/** Questions of one comparison with the venue. */
const COMPARISON: readonly string[] = ['openOrders', 'clearinghouseState', 'userFillsByTime', 'userRateLimit']
const COMPARISON_WEIGHT: number = COMPARISON.reduce((sum, type) => sum + infoWeight({ type }), 0)
const QUESTION_WEIGHT: number = infoWeight({ type: 'orderStatus' })

type Counted = Approved & { readonly kind: 'place' | 'modify' | 'cancel' }

export function limitedVenue(inner: LocalVenue, world: World): LimitedVenue {
  const limits = createRateLimits({ weight: true, budget: true })
  const { account, market } = inner
  const tradedMicroUsd = (): number => tradedVolumeMicroUsd(world.exchange, account)
  let refusedCount = 0
  let weightPeak = 0
  let inputs: RawInput[] = [budget()]

  function budget(): RawInput {
    const usedCount = requestsUsed(limits, account)
    const weight = weightUsed(limits, ORIGIN, world.nowTsMs)
    return {
      ...{ kind: 'budget', usedCount, capCount: requestLimit(tradedMicroUsd()) },
      ...{ weightUsed: Math.ceil(weight), weightMax: WEIGHT_PER_MINUTE_MAX },
    }
  }

  function weigh(weight: number, isForced: boolean): boolean {
    const isTaken = takeWeight(limits, ORIGIN, weight, world.nowTsMs, { isForced })
    weightPeak = Math.max(weightPeak, weightUsed(limits, ORIGIN, world.nowTsMs))
    return isTaken
  }

  /** @returns why the batch is refused, or null */
  function refusalOf(batch: readonly Counted[]): string | null {
    const isCancel = batch[0]?.kind === 'cancel'
    const weight = batchWeight(batch.length)
    const left = WEIGHT_PER_MINUTE_MAX - weightUsed(limits, ORIGIN, world.nowTsMs)
    if ((!isCancel && left < CANCEL_RESERVE_WEIGHT + weight) || !weigh(weight, false)) {
      return '429 Too Many Requests (by address of origin)'
    }
    const units = batch.length
    const charge = { account, units, isCancel, tradedMicroUsd: tradedMicroUsd(), nowTsMs: world.nowTsMs }
    const over = chargeRequest(limits, charge)
    return over === null
      ? null
      : `Too many cumulative requests sent (${over.wantedCount} > ${over.ceilingCount})`
  }

  return {
    market,
    capital: inner.capital,
    account,
    send(commands) {
      const passed = new Set<Approved>()
      for (const batch of batchesOf(commands)) {
        const text = refusalOf(batch)
        if (text === null) for (const command of batch) passed.add(command)
        else {
          refusedCount += batch.length
          inputs.push(...batch.flatMap((command) => refused(command, text)))
        }
      }
      for (const command of commands) {
        if (isCounted(command)) continue
        passed.add(command)
        if (command.kind === 'resync') weigh(COMPARISON_WEIGHT, true)
        else if (command.kind === 'queryOrder') weigh(QUESTION_WEIGHT, true)
      }
      inner.send(commands.filter((command) => passed.has(command)))
      if (commands.some(({ kind }) => kind === 'resync')) inputs.push(budget())
    },
    takeInputs() {
      const taken = [...inputs, ...inner.takeInputs()]
      inputs = []
      return taken
    },
    figures: () => ({
      usedCount: requestsUsed(limits, account),
      capCount: requestLimit(tradedMicroUsd()),
      refusedCount,
      weightPeak: Math.ceil(weightPeak),
      weightMax: WEIGHT_PER_MINUTE_MAX,
    }),
  }
}

function isCounted(command: Approved): command is Counted {
  return command.kind === 'place' || command.kind === 'modify' || command.kind === 'cancel'
}

/** As the adapter plans them: cancels, modifies, post-only orders, takers; each of a step in one action. */
function batchesOf(commands: readonly Approved[]): Counted[][] {
  const counted = commands.filter(isCounted)
  const isMaker = (command: Counted): boolean => command.kind === 'place' && command.order.tif === 'alo'
  return [
    counted.filter(({ kind }) => kind === 'cancel'),
    counted.filter(({ kind }) => kind === 'modify'),
    counted.filter(isMaker),
    counted.filter((command) => command.kind === 'place' && !isMaker(command)),
  ].filter((batch) => batch.length > 0)
}

function refused(command: Counted, text: string): RawInput[] {
  if (command.kind !== 'cancel') {
    return [{ kind: 'orderRefused', cloid: command.order.cloid, refusal: 'rate', text }]
  }
  const { cloid } = command
  return cloid === null ? [] : [{ kind: 'cancelRefused', cloid, refusal: 'rate', text }]
}
