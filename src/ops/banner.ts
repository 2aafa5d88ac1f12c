/** The first lines of a run: who is speaking, where, on what, and what it would take to do it again. */

export interface Banner {
  readonly version: string
  readonly network: string
  /** Prefixed on a builder DEX: `hyna:BTC`. */
  readonly coin: string
  readonly assetId: number
  readonly account: string
  readonly exchangeUrl: string
  /** Null: metrics are off. */
  readonly metricsUrl: string | null
  /** Null: this command keeps no journal. */
  readonly journalDir: string | null
  readonly seed: number
  readonly configHash: string
  /** What else is said of the market: `tape …, 10 × speed` or `scenario calm`; null on a real network. */
  readonly source: string | null
  /** What is assumed when no order is sent; absent: orders are. */
  readonly paper?: string
}

/** Digits of the configuration's hash that people compare by eye. */
const SHORT_HASH_LENGTH = 12

/** One fact a line. */
export function formatBanner(banner: Banner): string {
  const rows: readonly (readonly [string, string | null])[] = [
    ['mode', banner.paper ?? null],
    ['market', `${banner.coin}  (asset ${banner.assetId})`],
    ['exchange', `${banner.exchangeUrl}  (${banner.network})`],
    ['data', banner.source],
    ['account', banner.account],
    ['metrics', banner.metricsUrl ?? 'off'],
    ['journal', banner.journalDir],
    ['seed', String(banner.seed)],
    ['config', banner.configHash.slice(0, SHORT_HASH_LENGTH)],
  ]
  const lines = rows.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(9)} ${value}`]))
  return [`hypermake ${banner.version}`, ...lines].join('\n')
}

export function bannerRecord(banner: Banner): Record<string, unknown> {
  return { kind: 'start', ...(banner.paper === undefined ? {} : { mode: 'paper' }), ...banner }
}
