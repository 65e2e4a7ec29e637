/**
 * A tap on the first frame that is used, 0 to 1 of the upright frame: on the person (label 1) or
 * beside (label 0).
 */
export type SubjectPoint = { x: number; y: number; label?: number }

export type Mark = 1 | 0

export type Place = { x: number; y: number }

/** In fractions of the frame. */
type Face = { x: number; y: number; width: number; height: number }

type Stills = { still_times: number[]; faces: Face[][] | null }

export const MOST_POINTS = 20

/** Apart by no more, a still shows what the moment itself does. */
const SAME_MOMENT_S = 0.25
/** From the chin, in heights of the face. */
const CHIN_TO_CHEST = 1.2
/** The edge of a frame may be cropped away. */
const EDGE = 0.02

/** Where in a frame a tap is; null beside it, as on the bars left and right of it. */
export function placeIn(frame: DOMRect, tap: { clientX: number; clientY: number }): Place | null {
  const x = (tap.clientX - frame.left) / frame.width
  const y = (tap.clientY - frame.top) / frame.height
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? { x: tidy(x), y: tidy(y) } : null
}

/** A place moved by fractions of the frame, and kept in it. */
export function moved({ x, y }: Place, by: Place): Place {
  return { x: tidy(within(x + by.x, 0)), y: tidy(within(y + by.y, 0)) }
}

/** The chest says more of a person than the face, which hides behind hands and hair. */
export function chestOf(face: Face): Place {
  const x = face.x + face.width / 2
  const y = face.y + face.height * (1 + CHIN_TO_CHEST)
  return { x: tidy(within(x, EDGE)), y: tidy(within(y, EDGE)) }
}

export function hasPerson(points: SubjectPoint[]): boolean {
  return points.some(isOn)
}

export function isOn({ label = 1 }: SubjectPoint): boolean {
  return label === 1
}

/** What is not the person means nothing before there is one. */
export function withPoint(points: SubjectPoint[], place: Place, mark: Mark): SubjectPoint[] {
  const refused = points.length >= MOST_POINTS || (mark === 0 && !hasPerson(points))
  return refused ? points : [...points, { ...place, label: mark }]
}

export function withoutPoint(points: SubjectPoint[], index: number): SubjectPoint[] {
  const left = points.toSpliced(index, 1)
  return hasPerson(left) ? left : []
}

/** A person is chosen, and chosen off by a second tap; one who is not meant is marked so. */
export function tappedFace(points: SubjectPoint[], face: Face, mark: Mark): SubjectPoint[] {
  const found = indexOfFace(points, face)
  if (found !== -1) return withoutPoint(points, found)
  const chest = chestOf(face)
  return mark === 1 ? [{ ...chest, label: 1 }] : withPoint(points, chest, 0)
}

/** The point of a face; -1: none. */
export function indexOfFace(points: SubjectPoint[], face: Face): number {
  const chest = chestOf(face)
  return points.findIndex(({ x, y }) => x === chest.x && y === chest.y)
}

/** The still nearest to a moment; -1 where there is none. */
export function nearestStill(times: number[], at: number): number {
  const away = times.map((time) => Math.abs(time - at))
  return away.indexOf(Math.min(...away))
}

/** Whether a still shows the moment itself. */
export function showsMoment(still: number | undefined, at: number): boolean {
  return still !== undefined && Math.abs(still - at) <= SAME_MOMENT_S
}

/** The faces of a moment, from left to right; none where no still shows it. */
export function facesAt({ still_times, faces }: Stills, at: number): Face[] {
  const nearest = nearestStill(still_times, at)
  if (!showsMoment(still_times[nearest], at)) return []
  return (faces?.[nearest] ?? []).toSorted((a, b) => a.x - b.x)
}

function within(value: number, edge: number): number {
  return Math.max(edge, Math.min(value, 1 - edge))
}

/** Finer than a pixel of any clip. */
function tidy(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
