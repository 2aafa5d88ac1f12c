/** `npm run bench -- NAME`: runs one bench, or all. A new bench is a file beside this one and a line in the table. */
import { machineLine, say } from './harness.ts'
import type { Bench } from './harness.ts'
import { bench as backtest } from './backtest.ts'
import { bench as journal } from './journal.ts'
import { bench as kill } from './kill.bench.ts'
import { bench as liquidation } from './liquidation.bench.ts'
import { bench as matching } from './matching.bench.ts'
import { bench as replay } from './replay.ts'
import { bench as soak } from './soak.ts'
import { bench as start } from './start.ts'
import { bench as tick } from './tick.ts'
import { bench as venue } from './venue.ts'

const BENCHES: Readonly<Record<string, Bench>> = {
  journal,
  replay,
  backtest,
  tick,
  venue,
  matching,
  liquidation,
  start,
  kill,
  soak,
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !(name in BENCHES))
  if (unknown !== undefined) {
    process.stderr.write(
      `error: there is no bench '${unknown}'; there are ${Object.keys(BENCHES).join(', ')}\n`,
    )
    return 2
  }
  for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
    const bench = BENCHES[name]
    if (bench === undefined) continue
    say(`${name}: ${bench.about}`)
    await bench.run()
    say(machineLine())
  }
  return 0
}

/** `--quick` and `--tape=PATH` are read by the benches that know them. */
process.exitCode = await main(
  process.argv.slice(2).filter((word) => word !== '--quick' && !word.startsWith('--tape=')),
)
