import { useEffect, type RefObject } from 'react'

/**
 * Give a clip or sound its file once it is on the page. React hears no event of an element before
 * that, and one that loads under a lazy parent has told its length, or its fault, already.
 */
export function useSource(media: RefObject<HTMLMediaElement | null>, url: string): void {
  useEffect(() => {
    media.current?.setAttribute('src', url)
  }, [media, url])
}
