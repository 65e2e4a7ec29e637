import type { Job } from '../../api/types.ts'

/** What a card asks of the page around it. */
export type JobActs = {
  /** The same once more, as another variation. */
  onReuse: (job: Job) => void
  /** The same once more, exactly. */
  onAgain: (job: Job) => void
  onRemove: (job: Job) => void
  /** This card's preview is to play, or to stop. */
  onPreview: (job_id: string, plays: boolean) => void
}
