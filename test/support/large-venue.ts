/** Market definitions shaped like the public venue: the counts of its DEXs, a few margin tables, some growth and isolated markets. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** DEXs in order of their index, with how many markets each has. */
export const LARGE_DEXS: readonly (readonly [name: string, marketCount: number])[] = [
  ['', 230],
  ['xyz', 80],
  ['flx', 16],
  ['vntl', 15],
  ['hyna', 25],
  ['km', 23],
  ['abcd', 1],
  ['cash', 17],
  ['para', 5],
]

export const LARGE_MARKET_COUNT: number = LARGE_DEXS.reduce((sum, [, count]) => sum + count, 0)

/** Writes one file for each DEX into a new folder. */
export function writeLargeVenue(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const [index, [name, count]] of LARGE_DEXS.entries()) {
    writeFileSync(join(folder, `${name === '' ? 'main' : name}.toml`), dexText(index, name, count))
  }
}

function dexText(index: number, name: string, count: number): string {
  const token = index % 3 === 0 ? 'token = "USDC", index = 0' : 'token = "USDH", index = 360'
  const head = `[dex]
index = ${index}
name = "${name}"
full_name = "DEX ${index}"
deployer = "0x${index.toString(16).padStart(40, '0')}"
fee_scale = ${index === 0 ? 0 : 1}
collateral = { ${token} }

[[margin_table]]
id = 51
tiers = [{ from_usd = 0, max_leverage = 10 }, { from_usd = 3e6, max_leverage = 5 }]
`
  return head + Array.from({ length: count }, (_, place) => marketText(index, place)).join('')
}

function marketText(index: number, place: number): string {
  const isMajor = index === 0 && place === 0
  const szDecimals = isMajor ? 5 : place % 5
  const usd = isMajor ? 60_000 : 0.5 + ((place * 37) % 900)
  const table = isMajor ? 40 : place % 4 === 0 ? 51 : 3 + (place % 17)
  const margin = place % 19 === 7 ? 'margin = "strict-isolated"\n' : ''
  const growth = index > 0 && place % 3 === 0 ? 'growth_mode = true\n' : ''
  return `
[[market]]
coin = "${isMajor ? 'BTC' : `C${place}`}"
size_decimals = ${szDecimals}
oracle_usd = ${usd}
margin_table = ${table}
${margin}${growth}`
}
