import { useState, type CSSProperties } from 'react'

import type { Asset } from '../../api/types.ts'
import {
  facesAt,
  showsMoment,
  nearestStill,
  tappedFace,
  type Mark,
  type Place,
  type SubjectPoint,
} from '../../lib/points.ts'
import { FaceButton } from './FaceButton.tsx'
import { Moment } from './Moment.tsx'
import { PointButton } from './PointButton.tsx'
import { TapSurface } from './TapSurface.tsx'

type FrameStageProps = {
  asset: Asset
  start: number
  points: SubjectPoint[]
  mark: Mark
  /** The id of the words on what taps and keys do. */
  help: string
  onPoints: (points: SubjectPoint[]) => void
  onPlace: (place: Place) => void
  onRemove: (index: number) => void
  onBroken: () => void
}

/** The frame the points are on, and over it the faces, the taps and the points. */
export function FrameStage(props: FrameStageProps) {
  const { asset, start, points, mark, help, onPoints, onPlace, onRemove, onBroken } = props
  const [arrived, setArrived] = useState(false)
  const nearest = nearestStill(asset.still_times, start)
  // A tap on another moment would mark somebody else.
  const exact = arrived || showsMoment(asset.still_times[nearest], start)
  return (
    <div
      className="stage grid h-[clamp(10rem,92dvh-29rem,26rem)] place-items-center overflow-hidden rounded-chip bg-stage"
      data-testid="person-stage"
    >
      <div className="true-shape relative" style={{ '--shape': shapeOf(asset) } as CSSProperties}>
        <Moment
          asset={asset}
          start={start}
          still={asset.still_urls[nearest]}
          arrived={arrived}
          onArrived={() => setArrived(true)}
          onBroken={onBroken}
        />
        {exact && (
          <>
            <TapSurface
              help={help}
              onPlace={onPlace}
              onRemoveLast={() => onRemove(points.length - 1)}
            />
            {facesAt(asset, start).map((face, index) => (
              <FaceButton
                key={`${face.x} ${face.y}`}
                face={face}
                number={index + 1}
                points={points}
                onTap={() => onPoints(tappedFace(points, face, mark))}
              />
            ))}
            {points.map((point, index) => (
              <PointButton
                key={`${point.x} ${point.y}`}
                point={point}
                number={index + 1}
                onRemove={() => onRemove(index)}
              />
            ))}
          </>
        )}
      </div>
    </div>
  )
}

/** Width by height. */
function shapeOf({ asset_type, width, height }: Asset): number {
  if (width === null || height === null) throw new Error(`a file of kind ${asset_type} has no size`)
  return width / height
}
