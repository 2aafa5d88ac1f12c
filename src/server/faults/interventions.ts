/**
 * Faults that the venue itself does to its traders, each once and as a command of the exchange: another margin table, and the
 * liquidation of those who are connected.
 */
import type { ExchangeCommand } from '../../exchange/command.ts'
import type { VenueSpec } from '../../exchange/instrument.ts'
import { accountState } from '../../exchange/queries/account.ts'
import { onBlock, submit } from '../../simulation/world.ts'
import type { VenueContext } from '../context.ts'
import type { Hub } from '../hub.ts'
import { type Fault, type FaultScript, FaultScriptError } from './script.ts'

type MarginTableFault = Extract<Fault, { readonly kind: 'margin-table' }>

/** @throws FaultScriptError BAD_FAULT_SCRIPT when a fault names a market that this venue does not have */
export function checkCoins(script: FaultScript, { instruments }: VenueSpec): void {
  for (const [index, fault] of script.fault.entries()) {
    if (fault.kind !== 'margin-table' || instruments.some(({ coin }) => coin === fault.coin)) continue
    const known = instruments.map(({ coin }) => coin).join(', ')
    throw new FaultScriptError(
      'BAD_FAULT_SCRIPT',
      `fault.${index}.coin = "${fault.coin}" is no market of this venue; there are ${known}`,
    )
  }
}

/** Intervenes when the script says so. @returns the way to stop it */
export function intervene(hub: Hub): () => void {
  const { world, faults } = hub.context
  if (faults === null) return () => undefined
  return onBlock(world, () => {
    for (const fault of faults.script.fault) {
      const commands = commandsOf(hub, fault)
      // Without a command there is nothing to strike yet: nobody who is connected holds a position.
      if (commands.length === 0 || !faults.strikes(fault)) continue
      for (const command of commands) {
        submit(world, command, (answer) => {
          if (answer.kind === 'refused') hub.context.log('warn', 'a fault was refused', { text: answer.text })
        })
      }
    }
  })
}

function commandsOf(hub: Hub, fault: Fault): ExchangeCommand[] {
  if (hub.context.faults?.isOn(fault) !== true) return []
  if (fault.kind === 'margin-table') return marginTableOf(hub.context, fault)
  return fault.kind === 'liquidate' ? liquidationsOf(hub) : []
}

/** One tier: tables below 50 are named by their leverage. */
function marginTableOf({ directory }: VenueContext, fault: MarginTableFault): ExchangeCommand[] {
  const instrument = directory.byCoin.get(fault.coin)
  if (instrument === undefined) return []
  const maxLeverage = fault.max_leverage
  const marginTiers = [{ lowerBoundMicroUsd: 0, maxLeverage }]
  return [{ kind: 'marginTable', assetId: instrument.assetId, marginTableId: maxLeverage, marginTiers }]
}

/** Of every account that a connection follows, on every DEX where it holds a position. */
function liquidationsOf({ context, feeds }: Hub): ExchangeCommand[] {
  const users = new Set<string>()
  for (const { feed } of feeds.values()) if (feed.user !== null) users.add(feed.user)
  return [...users].flatMap((account) =>
    context.directory.spec.dexs
      .filter(({ index }) => accountState(context.exchange, account, index).positions.length > 0)
      .map(({ index }): ExchangeCommand => ({ kind: 'liquidate', account, dexIndex: index })),
  )
}
