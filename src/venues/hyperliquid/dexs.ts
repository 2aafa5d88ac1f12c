/** The perp DEXs of the venue: for choosing one, and as a list for people (`--list-dexs`). */
import { numberOf } from './decimal.ts'
import { ask, type VenueInfo } from './info.ts'
import { flagOf, listOf, recordOf, textOf, wholeFieldOf, type WireRecord } from './wire.ts'

export interface Dex {
  /** '' is the main DEX. */
  readonly name: string
  readonly fullName: string
  /** Position in the venue's list; the first builder DEX is 1. */
  readonly index: number
  /** Null: the main DEX is run by the validators. */
  readonly deployer: string | null
  readonly deployerFeeScale: number
}

/** One line of `--list-dexs`. */
export interface DexRow {
  readonly name: string
  readonly fullName: string
  readonly index: number
  /** Name of the token in which its balances are kept. */
  readonly collateral: string
  /** Coins that can be traded; delisted ones are not counted. */
  readonly marketCount: number
  readonly deployer: string | null
}

const MAIN: Dex = { name: '', fullName: 'Hyperliquid', index: 0, deployer: null, deployerFeeScale: 0 }

/** @throws VenueError UNREACHABLE, MALFORMED_MESSAGE */
export async function readDexs(info: VenueInfo): Promise<Dex[]> {
  const answer = listOf(await ask(info, 'perpDexs', (client) => client.perpDexs()), 'perpDexs')
  // The first entry stands for the main DEX and is null; removed DEXs may leave further nulls.
  return answer.flatMap((entry, index) => {
    if (index === 0) return [MAIN]
    return entry === null ? [] : [decodeDex(recordOf(entry, 'perpDex'), index)]
  })
}

function decodeDex(dex: WireRecord, index: number): Dex {
  return {
    name: textOf(dex, 'name'),
    fullName: textOf(dex, 'fullName'),
    index,
    deployer: textOf(dex, 'deployer'),
    deployerFeeScale: numberOf(dex['deployerFeeScale']).toNumber(),
  }
}

/** @throws VenueError UNREACHABLE, MALFORMED_MESSAGE */
export async function listDexs(info: VenueInfo): Promise<DexRow[]> {
  const dexs = await readDexs(info)
  const metas = listOf(await ask(info, 'allPerpMetas', (client) => client.allPerpMetas()), 'allPerpMetas')
  const tokens = await readTokenNames(info)
  return dexs.map(({ name, fullName, index, deployer }) => {
    const meta = recordOf(metas[index], `meta of DEX ${index}`)
    const tokenIndex = wholeFieldOf(meta, 'collateralToken')
    const universe = listOf(meta['universe'], 'universe')
    return {
      name,
      fullName,
      index,
      collateral: tokens.get(tokenIndex) ?? `token ${tokenIndex}`,
      marketCount: universe.filter((entry) => !flagOf(recordOf(entry, 'universe entry'), 'isDelisted'))
        .length,
      deployer,
    }
  })
}

/** @returns names of spot tokens by index */
export async function readTokenNames(info: VenueInfo): Promise<ReadonlyMap<number, string>> {
  const meta = recordOf(await ask(info, 'spotMeta', (client) => client.spotMeta()), 'spotMeta')
  const names = new Map<number, string>()
  for (const entry of listOf(meta['tokens'], 'tokens')) {
    const token = recordOf(entry, 'token')
    names.set(wholeFieldOf(token, 'index'), textOf(token, 'name'))
  }
  return names
}
