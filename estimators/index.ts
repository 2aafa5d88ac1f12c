/** The estimators as the rest sees them. */
export { createPipeline } from './pipeline.ts'
export type { PipelineState } from './pipeline-state.ts'
export { pipelineDefaults } from './pipeline-config.ts'
export type { PipelineConfig } from './pipeline-config.ts'
