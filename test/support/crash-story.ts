/**
 * An exchange process, and makers on it that are killed with -9 one after another at seeded instants; the last one ends in
 * order. What must hold is collected from the journals and from the exchange itself.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FillInput } from '../../src/core/input.ts'
import { verifyJournal, readJournal } from '../../src/journal/reader.ts'
import { walletOf } from '../../src/signing/wallet.ts'
import { TEST_PRIVATE_KEY } from '../../src/compose/test-account.ts'
import { mulberry32 } from './mulberry32.ts'
import { start } from './processes.ts'

export interface CrashReport {
  /** The summary that the last maker printed. */
  readonly summary: Record<string, unknown>
  readonly exitCode: number | null
  readonly stderr: string
  /** Fills by the exchange's own history, `tid:oid` to signed lots. */
  readonly venueFills: ReadonlyMap<string, { readonly cloid: string | null; readonly signedSize: number }>
  readonly venuePosition: number
  readonly venueOpenOrders: number
  /** Fills that any run has journalled, each run's own list. */
  readonly journalledFills: readonly (readonly FillInput[])[]
  /** Client ids that any run journalled before sending. */
  readonly journalledCloids: ReadonlySet<string>
  readonly areJournalsValid: boolean
}

/**
 * @param crashes how many makers are killed
 * @param spanMs each is killed at a random instant within this after it said that it started
 */
export async function crashStory(of: {
  readonly seed: number
  readonly crashes: number
  readonly spanMs: number
}): Promise<CrashReport> {
  const chance = mulberry32(of.seed)
  const root = mkdtempSync(join(tmpdir(), 'crash-'))
  const exchange = start(
    'exchange',
    '--port',
    '0',
    '--json',
    '--metrics-port',
    '0',
    '--seed',
    String(of.seed),
    '--scenario',
    'sweep',
  )
  try {
    const apiUrl = String((await exchange.line('start'))['apiUrl'])
    const maker = (run: number, ...more: string[]): ReturnType<typeof start> => {
      const settings = [
        `journal.dir=${root}`,
        'strategy.name=fixed-spread',
        'risk.maker_fee_rate_bps=0.1',
        'risk.min_spread_floor_bps=1',
        'risk.max_daily_loss_usd=19000',
      ]
      const journal = ['--journal', join(root, `run-${run}`)]
      const base = ['run', '--api-url', apiUrl, '--json', '--metrics-port', '0', ...journal]
      return start(...base, ...settings.flatMap((setting) => ['--set', setting]), ...more)
    }
    for (let run = 1; run <= of.crashes; run += 1) {
      const victim = maker(run)
      await victim.line('start')
      await new Promise((resolve) => setTimeout(resolve, chance() * of.spanMs))
      victim.child.kill('SIGKILL')
      await victim.ended
    }
    const last = maker(of.crashes + 1, '--duration', '3s')
    const exitCode = await last.ended
    return {
      summary: last.lines().at(-1) ?? {},
      exitCode,
      stderr: last.stderr(),
      ...(await askVenue(apiUrl)),
      ...readJournals(root),
    }
  } finally {
    exchange.child.kill('SIGINT')
    await exchange.ended
    rmSync(root, { recursive: true, force: true })
  }
}

async function askVenue(
  apiUrl: string,
): Promise<Pick<CrashReport, 'venueFills' | 'venuePosition' | 'venueOpenOrders'>> {
  const user = walletOf(TEST_PRIVATE_KEY).address
  const ask = async (body: object): Promise<unknown> => {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }
    return (await fetch(`${apiUrl}/info`, request)).json()
  }
  interface WireFill {
    readonly tid: number
    readonly oid: number
    readonly sz: string
    readonly side: string
    readonly cloid?: string
  }
  const fills = (await ask({ type: 'userFills', user })) as WireFill[]
  const state = (await ask({ type: 'clearinghouseState', user, dex: 'hyna' })) as {
    assetPositions: { position: { szi: string } }[]
  }
  const orders = (await ask({ type: 'openOrders', user, dex: 'hyna' })) as unknown[]
  return {
    venueFills: new Map(
      fills.map(({ tid, oid, sz, side, cloid }) => [
        `${tid}:${oid}`,
        { cloid: cloid ?? null, signedSize: side === 'B' ? Number(sz) : -Number(sz) },
      ]),
    ),
    venuePosition: Number(state.assetPositions[0]?.position.szi ?? 0),
    venueOpenOrders: orders.length,
  }
}

export function readJournals(
  root: string,
): Pick<CrashReport, 'journalledFills' | 'journalledCloids' | 'areJournalsValid'> {
  const journalledFills: FillInput[][] = []
  const journalledCloids = new Set<string>()
  let areJournalsValid = true
  const dirs = readdirSync(root).filter((name) => name.startsWith('run-') && existsSync(join(root, name)))
  for (const name of dirs.sort()) {
    const dir = join(root, name)
    areJournalsValid &&= verifyJournal(dir).ok
    const fills: FillInput[] = []
    for (const record of readJournal(dir).records) {
      if (record.kind === 'input' && record.input.kind === 'fill') fills.push(record.input)
      if (record.kind === 'command' && 'order' in record.command)
        journalledCloids.add(record.command.order.cloid)
    }
    journalledFills.push(fills)
  }
  return { journalledFills, journalledCloids, areJournalsValid }
}
