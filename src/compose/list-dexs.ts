/** `hypermake --list-dexs`: the builder DEXs of the network, asked from the venue itself. */
import type { ListDexsOptions } from '../config/options.ts'
import { createLog } from '../ops/log.ts'
import { startClock } from '../runtime/clock.ts'
import { listDexs as askDexs } from '../venues/hyperliquid/dexs.ts'
import { openInfo } from '../venues/hyperliquid/info.ts'
import { startEmbedded } from './embedded.ts'
import { endpointsOf } from './endpoints.ts'
import { exitCodes } from './exit-codes.ts'

/** @throws VenueError UNREACHABLE when the network does not answer */
export async function listDexs(options: ListDexsOptions): Promise<number> {
  const { values } = options.config
  const log = createLog(values.log)
  const isEmbedded = values.venue.network === 'local' && values.venue.apiUrl === ''
  const clock = startClock()
  const embedded = isEmbedded
    ? await startEmbedded({
        values,
        seed: 0,
        tape: null,
        scenario: null,
        clock,
        log,
        host: '127.0.0.1',
        port: 0,
      })
    : null
  try {
    const { apiUrl } = endpointsOf(values.venue, embedded)
    const rows = await askDexs(openInfo({ apiUrl, isTestnet: values.venue.network !== 'mainnet' }))
    process.stdout.write(options.json ? `${JSON.stringify(rows)}\n` : tableOf(rows))
    return exitCodes.ok
  } finally {
    await embedded?.close()
  }
}

/** Columns as wide as their widest cell. */
function tableOf(rows: readonly object[]): string {
  const names = Object.keys(rows[0] ?? {})
  const lines = [names, ...rows.map((row) => names.map((name) => String(Reflect.get(row, name))))]
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
