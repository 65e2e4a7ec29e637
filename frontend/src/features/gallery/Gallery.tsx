import { useDeferredValue, type ReactNode } from 'react'

import type { Job, LinePlaces } from '../../api/types.ts'
import { Button } from '../../components/Button.tsx'
import { NoteLine } from '../../components/NoteLine.tsx'
import { useTabTitle } from '../jobs/useTabTitle.ts'
import { FilterBar } from './FilterBar.tsx'
import { More } from './More.tsx'
import { News } from './News.tsx'
import { UndoBar } from './UndoBar.tsx'
import { useFilter } from './useFilter.ts'
import { useWall } from './useWall.ts'
import { Wall } from './Wall.tsx'

type GalleryProps = {
  polling: boolean
  line: LinePlaces | undefined
  /** The same once more, as another variation. */
  onReuse: (job: Job) => void
  /** The same once more, exactly. */
  onAgain: (job: Job) => void
  /** What stands here before there is a first video. */
  whenEmpty: ReactNode
  placeholder: ReactNode
}

/** With more videos than this, there is something to look for, and to draw. */
const FEW = 8

/** Runs and results, newest first, and how to find one of them. */
export default function Gallery(props: GalleryProps) {
  const { polling, line, onReuse, onAgain, whenEmpty, placeholder } = props
  const { filter, since, setFilter, clear } = useFilter()
  const wall = useWall({ polling, line, filter, since })
  const { all, shown, filtering, isPending, isError, refetch } = wall
  // Many cards are drawn between other things, and a new one when it was asked for.
  const drawn = shown.slice(0, useDeferredValue(shown.length) + FEW)
  useTabTitle(all)

  const empty = shown.length === 0
  if (empty && isPending) return placeholder
  if (all.length === 0 && !isError && !filtering) {
    return (
      <>
        {whenEmpty}
        <UndoBar />
      </>
    )
  }

  return (
    <section aria-labelledby="videos" className="space-y-4">
      <h2 id="videos" className="text-base font-semibold">
        Your videos
      </h2>
      {(all.length > FEW || filtering) && <FilterBar filter={filter} onChange={setFilter} />}
      {isError && (
        <NoteLine
          tone="bad"
          action={
            <Button look="quiet" onClick={refetch}>
              Try again
            </Button>
          }
        >
          We cannot load your videos right now.
        </NoteLine>
      )}
      {empty && filtering && !isError && (
        <output className="flex flex-wrap items-center gap-2" data-testid="no-match">
          Nothing matches.
          <Button look="quiet" onClick={clear}>
            Clear
          </Button>
        </output>
      )}
      <Wall jobs={drawn} onReuse={onReuse} onAgain={onAgain} />
      {wall.hasMore && (
        <More
          isLoading={wall.isLoadingMore || drawn.length < shown.length}
          onMore={wall.loadMore}
        />
      )}
      <News jobs={all} />
      <UndoBar />
    </section>
  )
}
