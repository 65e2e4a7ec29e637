import type { components } from './schema.gen.ts'

type Schemas = components['schemas']

export type Asset = Schemas['Asset']
export type AnimateRequest = Schemas['AnimateRequest']
export type AudioPerformanceRequest = Schemas['AudioPerformanceRequest']
export type JobRequest = AnimateRequest | AudioPerformanceRequest
export type Job = Schemas['Job']
export type JobAction = Schemas['JobAction']
export type JobOutput = Schemas['JobOutput']
export type JobPage = Schemas['JobPage']
export type JobSegment = Schemas['JobSegment']
export type JobWarning = Schemas['JobWarning']
export type LinePlaces = Schemas['LinePlaces']
export type JobStatus = Schemas['JobStatus']
export type Stage = Schemas['Stage']
export type Problem = Schemas['Problem']
export type Promised = Schemas['Promise']
export type PromiseWarning = Schemas['PromiseWarning']
export type FieldError = Schemas['FieldError']
export type Remedy = Schemas['Remedy']
export type Wait = Schemas['Wait']

/** What the stream sends for every change of a job: the state it left behind. */
export type JobEvent = Schemas['Event']
