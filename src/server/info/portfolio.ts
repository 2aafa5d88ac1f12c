/** `portfolio`: worth, profit and volume of an account over a day, a week, a month and all time, with and without spot. */
import { z } from 'zod'
import type { VenueContext } from '../context.ts'
import { netFlowOf } from '../history.ts'
import { worthHistory, type WorthSample } from '../portfolio.ts'
import { volumeText } from '../wire/account.ts'
import { fromMicroUsd } from '../wire/decimals.ts'
import { address } from '../wire/fields.ts'
import { defineInfo, type InfoHandler } from './info.ts'

const DAY_MS = 86_400_000
const PERIODS: readonly (readonly [name: string, perpName: string, spanMs: number])[] = [
  ['day', 'perpDay', DAY_MS],
  ['week', 'perpWeek', 7 * DAY_MS],
  ['month', 'perpMonth', 30 * DAY_MS],
  ['allTime', 'perpAllTime', Infinity],
]

export const portfolio: InfoHandler = defineInfo(z.object({ user: address }), (context, { user }) => {
  const samples = samplesOf(context, user)
  const figures = (spanMs: number, isPerps: boolean): object => {
    const fromTsMs = context.world.nowTsMs - spanMs
    const within = samples.filter(({ tsMs }) => tsMs >= fromTsMs)
    // Younger than the period: it began with nothing gained and nothing traded.
    const base = within.length < samples.length ? (within[0] ?? null) : null
    return figuresOf(within, base, isPerps)
  }
  return [
    ...PERIODS.map(([name, , spanMs]) => [name, figures(spanMs, false)]),
    ...PERIODS.map(([, name, spanMs]) => [name, figures(spanMs, true)]),
  ]
})

function samplesOf(context: VenueContext, user: string): WorthSample[] {
  const { portfolios, exchange, world, history } = context
  return worthHistory(portfolios, exchange, user, world.nowTsMs, netFlowOf(history, user))
}

/**
 * Profit is what the worth grew by beyond the money brought in since the period began.
 * @param base what stood when it began; null: nothing
 */
function figuresOf(samples: readonly WorthSample[], base: WorthSample | null, isPerps: boolean): object {
  const valueOf = (sample: WorthSample): number => (isPerps ? sample.perps : sample.whole)
  const gainOf = (sample: WorthSample): number =>
    valueOf(sample) - (isPerps ? sample.perpsNet : sample.wholeNet)
  const baseGain = base === null ? 0 : gainOf(base)
  return {
    // Clients read worth as unsigned: a bankrupt account shows zero.
    accountValueHistory: samples.map((one) => [one.tsMs, fromMicroUsd(Math.max(0, valueOf(one)))]),
    pnlHistory: samples.map((one) => [one.tsMs, fromMicroUsd(gainOf(one) - baseGain)]),
    vlm: volumeText((samples.at(-1)?.traded ?? 0) - (base?.traded ?? 0)),
  }
}
