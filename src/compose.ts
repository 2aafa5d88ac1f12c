/**
 * The composition root: the only place where concrete parts meet. What each command needs is put together in `compose/`;
 * this is the door that the command line comes through.
 */
export { compareStrategies } from './compose/compare.ts'
export { listDexs } from './compose/list-dexs.ts'
export { replay } from './compose/replay.ts'
export { runExchange } from './compose/run-exchange.ts'
export { runMaker } from './compose/run-maker.ts'
