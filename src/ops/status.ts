/** The status line: where the market is, where we are in it, and the reason when we are not. */
import type { MakerView } from '../core/view.ts'
import { numberText, priceText, sizeText, usdText } from './format.ts'

/** How often a line is written: on a terminal, and into a file or a pipe. */
export const STATUS_PERIOD_TERMINAL_MS = 1_000
export const STATUS_PERIOD_PLAIN_MS = 10_000

/** The rate of both sides as one: their mean, or the one that is known. */
export function meanKappa(view: MakerView): number | null {
  const { kappaBid, kappaAsk } = view
  if (kappaBid === null) return kappaAsk
  return kappaAsk === null ? kappaBid : (kappaBid + kappaAsk) / 2
}

/** One line, without line end. Sigma is shown in bps per √second. */
export function formatStatus(view: MakerView): string {
  const { priceDecimals, szDecimals } = view
  const price = (ticks: number | null): string => priceText(ticks, priceDecimals)
  const sigmaBps = view.sigmaPerSqrtSec === null ? null : view.sigmaPerSqrtSec * 1e4
  const parts = [
    clockText(view.tsMs),
    `mid ${price(view.midTicks)}`,
    `quote ${price(view.ownBidTicks)} / ${price(view.ownAskTicks)}`,
    `spread ${numberText(view.spreadBps, 2)} bps`,
    `sigma ${numberText(sigmaBps, 3)} bps/√s`,
    `kappa ${numberText(meanKappa(view), 0)}`,
    `pos ${sizeText(view.positionLots, szDecimals)}`,
    `pnl ${usdText(view.pnl.totalMicroUsd)}`,
    `open ${view.openOrderCount}`,
    `fills ${view.fillCount}`,
    ...runwayText(view),
    stateText(view),
  ]
  return `${view.coin}  ${parts.join('  ')}`
}

/** Shown only when the requests would run out within this, hours. */
const RUNWAY_SHOWN_HOURS_MAX = 48

function runwayText({ requestRunwayHours }: MakerView): string[] {
  if (requestRunwayHours === null || requestRunwayHours > RUNWAY_SHOWN_HOURS_MAX) return []
  return [`runway ${numberText(requestRunwayHours, 1)} h`]
}

/** `quoting`, or the state with its reason. */
export function stateText(view: MakerView): string {
  const words: Readonly<Record<MakerView['state'], string>> = {
    starting: 'starting',
    quoting: 'quoting',
    oneSided: 'one-sided',
    notQuoting: 'not quoting',
    paused: 'paused',
    stopping: 'stopping',
    killed: 'KILLED',
  }
  return view.because === null ? words[view.state] : `${words[view.state]}: ${view.because}`
}

/** Time of day, UTC. */
function clockText(tsMs: number): string {
  return new Date(tsMs).toISOString().slice(11, 19)
}

/** The same for `--json`: numbers in units of the market, null where there is none. */
export function statusRecord(view: MakerView): Record<string, unknown> {
  const price = (ticks: number | null): number | null =>
    ticks === null ? null : ticks / 10 ** view.priceDecimals
  return {
    kind: 'status',
    tsMs: view.tsMs,
    seq: view.seq,
    coin: view.coin,
    state: view.state,
    because: view.because,
    mid: price(view.midTicks),
    bid: price(view.ownBidTicks),
    ask: price(view.ownAskTicks),
    spreadBps: view.spreadBps,
    sigmaPerSqrtSec: view.sigmaPerSqrtSec,
    kappa: meanKappa(view),
    position: view.positionLots / 10 ** view.szDecimals,
    pnlUsd: view.pnl.totalMicroUsd / 1e6,
    dailyPnlUsd: view.dailyPnlMicroUsd / 1e6,
    requestsLeft: view.requestsLeft,
    requestRunwayHours: view.requestRunwayHours,
    requestWeightLeft: view.requestWeightLeft,
    liquidationDistancePct: view.liquidationShare === null ? null : 100 * view.liquidationShare,
    openOrders: view.openOrderCount,
    uncertainOrders: view.uncertainOrderCount,
    fills: view.fillCount,
    volumeUsd: view.volumeMicroUsd / 1e6,
    stateHash: view.stateHash,
  }
}
