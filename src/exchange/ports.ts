/** What the exchange's surroundings may offer it. The core calls none of these: who drives `apply` passes its results on. */
import type { CommandAnswer, ExchangeCommand } from './command.ts'
import type { ExchangeEvent } from './event.ts'

/** Takes the events of one command, in order: the wire, the agents, the metrics. */
export interface EventSink {
  accept(events: readonly ExchangeEvent[]): void
}

/** Keeps a command before it is applied, so that the exchange can be replayed. */
export interface JournalWriter {
  write(command: ExchangeCommand): void
}

/** Where others hand in commands; the answer comes when its block was applied. */
export interface CommandPublisher {
  publish(command: ExchangeCommand, answered: (answer: CommandAnswer) => void): void
}
